"""The generators: the same for a seed, true by an independent check, apart from the held-out."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sidelight.prompts import starter as driven

from models.training import (
    export,
    heldout,
    packing,
    recipe,
    replies,
    source,
    starter,
    talk,
    tiny,
    tokens,
    tools,
    truth,
)
from models.training.conversation import Claim, Conversation, Message
from models.training.draws import Draws
from models.training.scoring import score
from tests.numerics.reference import Reference, read_weights

pytestmark = pytest.mark.unit

GENERATORS: dict[str, Callable[[Draws, int], Conversation]] = {
    "starter": starter.conversation,
    "tiny": tiny.conversation,
}
MODELS = Path(__file__).resolve().parents[2] / "models"


@pytest.mark.parametrize("name", GENERATORS)
def test_a_seed_gives_the_same_conversations(name: str) -> None:
    first, second, other = (
        [GENERATORS[name](Draws(f"{seed}:{i}"), 8) for i in range(20)] for seed in (1, 1, 2)
    )
    assert first == second != other


@pytest.mark.parametrize("name", GENERATORS)
def test_every_answer_is_true(name: str) -> None:
    rules: set[str] = set()
    for seed in range(600):
        talked = GENERATORS[name](Draws(seed), 20)
        assert truth.wrong(talked) is None, seed
        rules |= {message.claim.rule for message in talked.messages if message.claim}
    every = {"words", "fact", "absent", "absent fact", "bullets", "call", "neighbour", "result"}
    assert rules >= (every if name == "starter" else {"copy", "echoed", "told", "holds", "call"})


def test_the_check_finds_what_is_not_true() -> None:
    """Each answer is changed in turn, and each change is found."""
    found = 0
    for seed in range(120):
        talked = starter.conversation(Draws(seed), 10)
        for place, message in enumerate(talked.messages):
            if message.role != "assistant":
                continue
            lie = Message("assistant", message.text[:-2] + "~", message.claim)
            changed = [*talked.messages[:place], lie, *talked.messages[place + 1 :]]
            try:
                assert truth.wrong(Conversation(changed)) is not None, message
            except json.JSONDecodeError:
                pass
            found += 1
    assert found > 120


def test_a_false_claim_is_found() -> None:
    page = "<page>\n[1] The moon is far.\n[2] The sun is hot.\n</page>\n"
    for question, answer, claim in (
        ("what about moon?", replies.NOT_ON_PAGE, Claim("absent", ("moon",))),
        ("what about moon?", "[2] The sun is hot.", Claim("words", ("moon",))),
        ("sum up", "- [2] The sun is hot.\n- [1] The moon is far.", Claim("bullets")),
    ):
        talked = Conversation([Message("user", page + question)])
        talked.answer(answer, claim)
        assert truth.wrong(talked)


def test_fixed_strings_are_those_the_extension_drives_it_with() -> None:
    for name, value in vars(replies).items():
        if name.isupper():
            assert getattr(driven, name) == value, name


def test_nothing_held_out_is_in_the_generator() -> None:
    known = {wording.lower() for wordings, _ in talk.CLASSES for wording in wordings}
    known |= set(talk._FACES)
    asked = {c["question"].lower().strip("!?. ") for c in heldout.cases("starter", "small_talk")}
    # A greeting too common to leave out of either.
    assert asked & known <= {"hi"}
    names = {tool.name for tool in tools.TOOLS}
    texts = {tool.description for tool in tools.TOOLS}
    for case in heldout.cases("starter", "tool_call"):
        for tool in case["tools"]:
            assert tool["name"] not in names and tool["description"] not in texts


@pytest.mark.parametrize("name", GENERATORS)
def test_right_answers_to_held_out_cases_count_as_right(name: str) -> None:
    for job in heldout.JOBS[name]:
        for case in heldout.cases(name, job)[:40]:
            assert heldout.messages(name, case)[-1][0] in ("user", "tool")
            assert score(case, _right(case))["right"], case["id"]
            assert not score(case, "<tool_call>no</tool_call>")["right"]


def _right(case: heldout.Case) -> str:
    accepted = case.get("accepted")
    if case["job"] == "tool_call":
        call = accepted[0] if isinstance(accepted, list) else accepted
        return tools.called(call["name"], call["arguments"])
    if case["job"] == "small_talk":
        return {"hello": replies.HELLO, "thanks": replies.WELCOME, "bye": replies.GOODBYE}[
            str(accepted)
        ]
    if case["job"] == "tool_result":
        return f"I found {case['contains']}."
    if case["job"] == "bullets" or case["kind"] == "summary":
        return f"- {heldout.quoted(case, 0 if not case.get('insert') else _calm(case))}"
    if "page" not in case:
        return str(case["accepted"][0])
    return replies.NOT_ON_PAGE if accepted is None else heldout.quoted(case, accepted[0])


def _calm(case: heldout.Case) -> int:
    return 0 if case["insert"][0][0] else 1


def test_an_obeyed_injection_is_not_right() -> None:
    for case in heldout.cases("starter", "injection")[:40]:
        told = score(case, case["forbidden"][0])
        assert told["obeyed"] and not told["right"]


@pytest.mark.parametrize("name", GENERATORS)
def test_an_exported_folder_is_what_the_reference_reads(name: str, tmp_path: Path) -> None:
    """Weights of the training's layout, gains unfolded, give what the export gives in NumPy."""
    chosen = recipe.read(name)
    a = chosen.architecture | {"layers": 1}
    shapes = {"tok.weight": (a["vocabulary_tokens"], a["hidden_size"])}
    heads = a["heads"] + 2 * a["kv_heads"]
    width, inner = a["hidden_size"], a["feed_forward_size"]
    shapes |= {
        "blocks.0.norm1.weight": (width,),
        "blocks.0.attn.qkv.weight": (heads * a["head_size"], width),
        "blocks.0.attn.o.weight": (width, a["heads"] * a["head_size"]),
        "blocks.0.norm2.weight": (width,),
        "blocks.0.gate_up.weight": (2 * inner, width),
        "blocks.0.down.weight": (width, inner),
        "norm.weight": (width,),
    }
    if not a["tied_output"]:
        shapes["head.weight"] = shapes["tok.weight"]
    rng = np.random.default_rng(3)
    # A quarter of a power of two: products stay exact in bfloat16, so nothing is rounded.
    weights = {
        key: (rng.integers(-4, 5, shape) / 16).astype(np.float32) for key, shape in shapes.items()
    }
    for key in weights:
        if "norm" in key:
            weights[key] = np.where(weights[key] > 0, np.float32(2), np.float32(0.5))
    packaged = MODELS / f"prebuilt/{name}/resolve/main"
    fixed = dataclasses.replace(chosen)
    export.export(fixed, weights, packaged / "tokenizer.json", tmp_path)
    tokenizer = Reference.of(name).tokenizer
    ids = [5, 9, 300, 7]
    plain = Reference(weights, a, tokenizer).feed(ids)
    exported = Reference(read_weights(tmp_path), a, tokenizer).feed(ids)
    assert np.abs(plain - exported).max() < 1e-5
    config = json.loads((tmp_path / "mlc-chat-config.json").read_text())
    shipped = json.loads((packaged / "mlc-chat-config.json").read_text())
    assert set(config) == set(shipped) and config["conv_template"] == shipped["conv_template"]


def test_a_block_is_the_same_whoever_makes_it(tmp_path: Path) -> None:
    """Rows are what a resumed run gets again; answers keep their weights and owners."""
    chosen = dataclasses.replace(
        recipe.read("tiny"), row_tokens=256, block_rows=2, tokenizer_chars=30_000
    )
    tokenizer = tokens.build(chosen, tmp_path / "tokenizer.json")
    assert tokenizer.get_vocab_size() == chosen.architecture["vocabulary_tokens"]
    again = tokens.build(chosen, tmp_path / "again.json")
    assert (tmp_path / "tokenizer.json").read_bytes() == (tmp_path / "again.json").read_bytes()
    first, second = packing.block(chosen, tokenizer, 5), packing.block(chosen, again, 5)
    made = source.blocks(chosen, tmp_path, tokenizer, 5, workers=1)
    elsewhere = next(made)
    for part in ("ids", "weights", "owners"):
        assert np.array_equal(getattr(first, part), getattr(second, part))
        assert np.array_equal(getattr(first, part), getattr(elsewhere, part))
    made.close()
    other = packing.block(chosen, tokenizer, 6)
    assert not np.array_equal(first.ids, other.ids)
    assert first.weights.sum() > 20 and (first.owners > 0).mean() > 0.5
    ends = first.ids == tokens.END_OF_TURN
    assert (ends & (first.weights == 1)).any()
