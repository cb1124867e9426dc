"""``./dev models``: build, verify, check and install model libraries; train and evaluate models.

Only rebuilding needs TVM and Emscripten, and only training PyTorch, each in an environment of its
own under build/; everything else uses the packaged files.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from pathlib import Path

from models.library import compare, environment, factors, link, report
from models.library.emscripten import EmscriptenError
from models.library.places import BUILD, MODELS, ROOT
from models.training import environment as training
from models.training import heldout

ARCHITECTURES = MODELS / "architectures"
#: What `verify` rebuilds; the others differ only in their architecture file.
VERIFIED = ("tiny",)


def names() -> list[str]:
    """Architectures that can be built."""
    return sorted(path.stem for path in ARCHITECTURES.glob("*.json"))


def build(name: str, config: Path | None = None) -> Path:
    """Build one library into build/models/ and return its path.

    `config` is the configuration of published weights, for architectures whose code depends on it.
    """
    output, architecture = BUILD / f"{name}.wasm", ARCHITECTURES / f"{name}.json"
    c = json.loads(architecture.read_text())
    if factors.lacks_factors(c):
        whole = factors.completed(c, factors.read_config(config) if config else None)
        architecture = BUILD / f"{name}.json"
        BUILD.mkdir(parents=True, exist_ok=True)
        architecture.write_text(json.dumps(whole, indent=2) + "\n")
    link.build(name, architecture, output)
    return output


def verify(chosen: list[str]) -> int:
    """Rebuild and compare with the packaged libraries; 1 when a byte differs."""
    different = 0
    for name in chosen:
        rebuilt = build(name).read_bytes()
        packaged = compare.packaged(MODELS, name).read_bytes()
        print(compare.described(name, packaged, rebuilt))
        different |= rebuilt != packaged
    return different


def check(name: str) -> int:
    """Run the library's numeric tests in Chromium; returns pytest's exit code."""
    if name in ("tiny", "starter"):
        chosen = ["tests/numerics/test_logprobs.py", "tests/models", "-k", name]
    else:
        chosen = ["tests/models", "-m", "campaign", "-k", name]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *chosen], cwd=ROOT, check=False
    ).returncode


def evaluate(name: str, per_job: int | None, seconds: float | None, *, unseen: bool) -> int:
    """Answers of the packaged weights to the held-out cases, computed in NumPy; 3 when not done."""
    # NumPy and the reference are needed for nothing else here.
    from models.training.evaluate import evaluate as evaluated
    from models.training.evaluate import packaged
    from tests.numerics.reference import Message, Reference

    reference = Reference.of(name)

    def answers(asked: list[list[Message]], most_tokens: int) -> list[str]:
        return [reference.greedy(messages, most_tokens) for messages in asked]

    path = evaluated(
        name,
        packaged(name),
        answers,
        per_job=per_job,
        seconds=seconds,
        result=f"quality-{name}-unseen" if unseen else None,
        unseen=unseen,
    )
    if path is None:
        print("Not done yet: the next call goes on.")
        return 3
    report.write_document()
    print(path.relative_to(ROOT), report.DOCUMENT.relative_to(ROOT))
    return 0


def adopt(name: str) -> int:
    """Make the weights of the last training run the packaged ones."""
    folder = training.trained(name)
    index = json.loads((folder / "tensor-cache.json").read_text())
    shapes = [record["shape"] for shard in index["records"] for record in shard["records"]]
    compare.adopt(MODELS, name, folder, sum(math.prod(shape) for shape in shapes))
    print(
        f"{folder.relative_to(ROOT)} is packaged; `./dev models install {name}` if shapes changed"
    )
    return 0


def measure() -> int:
    """Measure the packaged libraries and write the document anew."""
    # The browser's driver is needed for nothing else here.
    from models.library.measure import measure as measured

    path = measured(json.loads((MODELS / "manifest.json").read_text())["models"])
    report.write_document()
    print(path.relative_to(ROOT), report.DOCUMENT.relative_to(ROOT))
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="./dev models", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    known = ", ".join(names())
    for command, text in (
        ("build", f"compile a library into build/models/ ({known})"),
        ("install", "build, then put it in models/prebuilt/ and the manifest"),
        ("adopt", "put the trained weights in models/prebuilt/ and the manifest"),
        ("check", "compare log-probabilities with a reference, in Chromium"),
    ):
        building = commands.add_parser(command, help=text)
        building.add_argument("name", choices=names(), metavar="NAME")
        if command == "build":
            building.add_argument("--config", type=Path, help="the weights' configuration (Phi)")
    commands.add_parser("measure", help="speed on software WebGPU, into bench/results/ and docs/")
    commands.add_parser("docs", help="write docs/models.md from the result files")
    teaching = commands.add_parser("train", help="train a model; an interrupted run goes on")
    teaching.add_argument("name", choices=list(heldout.JOBS))
    teaching.add_argument("rest", nargs=argparse.REMAINDER, help="--seconds N, --steps N, --fresh")
    judging = commands.add_parser("evaluate", help="the packaged model on the held-out cases")
    judging.add_argument("name", choices=list(heldout.JOBS))
    judging.add_argument("--per-job", type=int, help="a seeded draw of so many cases of each job")
    judging.add_argument("--seconds", type=float, help="stop after so many; the next call goes on")
    judging.add_argument("--unseen", action="store_true", help="the cases written without sight")
    verifying = commands.add_parser("verify", help="rebuild and compare with models/prebuilt/")
    verifying.add_argument("name", nargs="*", default=list(VERIFIED), help="tiny unless named")
    return top


def main(arguments: list[str] | None = None) -> int:
    """Command line entry; returns the exit code."""
    given = parser().parse_args(arguments)
    try:
        if given.command == "check":
            return check(given.name)
        if given.command == "adopt":
            return adopt(given.name)
        if given.command == "measure":
            return measure()
        if given.command == "docs":
            report.write_document()
            return 0
        if given.command == "train":
            return training.run(["train", given.name, *given.rest])
        if given.command == "evaluate":
            return evaluate(given.name, given.per_job, given.seconds, unseen=given.unseen)
        environment.set_up()
        if given.command == "verify":
            return verify(given.name)
        output = build(given.name, given.config if given.command == "build" else None)
        data = output.read_bytes()
        print(f"{output.relative_to(ROOT)}: {len(data)} bytes, sha256 {compare.sha256(data)}")
        if given.command == "install":
            compare.install(MODELS, given.name, data)
        return 0
    except (
        environment.SetUpError,
        EmscriptenError,
        factors.FactorsError,
        link.CompileError,
        KeyError,
        RuntimeError,
    ) as error:
        print(error.args[0], file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
