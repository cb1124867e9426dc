"""``python -m models.training``: train, export and evaluate, where PyTorch is installed.

`./dev models train NAME` calls this in an environment of its own; on a machine with a card, where
PyTorch is already there, it is called directly.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from functools import partial

from models.training import answers, evaluate, recipe, selfcheck
from models.training.loop import Run


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m models.training", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    training = commands.add_parser("train", help="train, or go on from the checkpoint")
    training.add_argument("name", choices=recipe.names())
    training.add_argument("--seconds", type=float, help="stop and save after so many")
    training.add_argument("--steps", type=int, help="stop and save after so many more")
    training.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 2))
    training.add_argument(
        "--finish", action="store_true", help="end the rate's fall with --seconds"
    )
    training.add_argument("--from-packaged", action="store_true", help="go on from those weights")
    training.add_argument("--fresh", action="store_true", help="forget the checkpoint")
    training.add_argument(
        "--dense", action="store_true", help="without compiling and flex attention: slow, but sure"
    )
    judging = commands.add_parser("evaluate", help="answer the held-out cases")
    judging.add_argument("name", choices=recipe.names())
    judging.add_argument("--per-job", type=int, help="a seeded draw of so many cases of each job")
    judging.add_argument("--seconds", type=float, help="stop after so many; the next call goes on")
    judging.add_argument("--packaged", action="store_true", help="the packaged weights instead")
    judging.add_argument("--unseen", action="store_true", help="the cases nobody has opened")
    commands.add_parser(
        "check", help="loss falls, resumed runs are equal, exports compute the same"
    )
    return top


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; 0 when done, 3 when there is more to do."""
    given = parser().parse_args(arguments)
    if given.command == "check":
        return selfcheck.main()
    chosen = recipe.read(given.name)
    if given.command == "train":
        run = Run(
            chosen,
            workers=given.workers,
            fresh=given.fresh,
            dense=given.dense,
            packaged=evaluate.packaged(given.name) if given.from_packaged else None,
        )
        run.train(steps=given.steps, seconds=given.seconds, finish=given.finish)
        folder = run.export()
        print(f"{run.done} of {chosen.steps} steps; weights in {folder}")
        return 0 if run.done >= chosen.steps else 3
    return judge(chosen, given)


def judge(chosen: recipe.Recipe, given: argparse.Namespace) -> int:
    """Answer held-out cases with the trained weights, or the packaged ones; 3 when not done."""
    if given.packaged:
        folder = evaluate.packaged(given.name)
        network, tokenizer = answers.packaged(chosen.architecture, folder)
    else:
        run = Run(chosen)
        if not run.done:
            print(f"{given.name} is not trained: run train first", file=sys.stderr)
            return 1
        folder, network, tokenizer = run.export(), run.network, run.tokenizer
    answering = partial(answers.greedy, network.eval(), tokenizer)
    kind = ("packaged" if given.packaged else "trained") + ("-unseen" if given.unseen else "")
    written = evaluate.evaluate(
        given.name,
        folder,
        answering,
        at_once=64,
        per_job=given.per_job,
        seconds=given.seconds,
        result=f"quality-{given.name}-{kind}",
        unseen=given.unseen,
    )
    if written:
        chosen.folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(written, chosen.folder / written.name)
    print(written or "not done yet: the next call goes on")
    return 0 if written else 3


if __name__ == "__main__":
    sys.exit(main())
