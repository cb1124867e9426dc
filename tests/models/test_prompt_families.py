"""Published families' prompts, byte for byte, as the unmodified WebLLM writes them.

The golden files follow the published chat templates for a conversation with a system message; for
Llama 3 without the two lines of dates that its template adds to every system message. SmolLM2 and
Phi-3.5 publish no form for results of tools: there they are a user's message.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sidelight.prompts.escape import break_special_tokens

from models.library.families import FAMILIES, families, family_of, tool_results
from models.library.places import MODELS, ROOT

pytestmark = pytest.mark.unit

GOLDEN = Path(__file__).parent / "golden"
WEBLLM = ROOT / "node_modules/@mlc-ai/web-llm/lib/index.js"
RESULTS = ["bread", "milk for $& 2"]
BEGINNINGS = {"llama3": [128000]}
TOKENIZERS = {"byte_level_bpe", "byte_fallback_bpe"}


def messages(family: dict[str, Any]) -> list[dict[str, str]]:
    """A conversation with a round of tools; `$` must survive WebLLM's replacing."""
    said = [
        ("system", "Be brief."),
        ("user", "What is on my list?"),
        ("assistant", '<tool_call>\n{"name": "list", "arguments": {}}\n</tool_call>'),
        ("tool", tool_results(family, RESULTS)),
        ("assistant", "Bread and milk."),
        ("user", "Thanks. Is $1 enough?"),
    ]
    return [{"role": role, "content": content} for role, content in said]


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Every family's prompt, and whether a reused cache equals a fresh prompt."""
    bundle = tmp_path_factory.mktemp("webllm") / "webllm.mjs"
    bundle.write_text(WEBLLM.read_text() + "\nexport { Role, getConversation };\n")
    asked = [
        {"template": family["conv_template"], "messages": messages(family)}
        for family in families().values()
    ]
    command = ["node", "tests/models/templates.mjs", str(bundle)]
    done = subprocess.run(
        command, cwd=ROOT, input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    return dict(zip(families(), json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("name", families())
def test_the_prompt_is_the_published_one(name: str, prompts: dict[str, dict[str, Any]]) -> None:
    assert prompts[name]["prompt"] == (GOLDEN / f"{name}.txt").read_text()
    assert prompts[name]["exact_reuse"], "a later turn must feed what a fresh prompt would"


@pytest.mark.parametrize("name", families())
def test_a_family_says_how_it_begins_and_ends(name: str) -> None:
    family = families()[name]
    template = family["conv_template"]
    assert family["tokenizer"] in TOKENIZERS
    assert template.get("system_prefix_token_ids") == BEGINNINGS.get(name)
    assert template["seps"][0].strip() in template["stop_str"]
    assert len(set(template["stop_token_ids"])) == len(template["stop_token_ids"]) >= 2


@pytest.mark.parametrize("name", families())
def test_no_text_can_spell_a_familys_marks(name: str) -> None:
    template = families()[name]["conv_template"]
    marks = [*template["stop_str"], *template["roles"].values(), *template["seps"]]
    for mark in marks:
        assert "<|" in mark and "<|" not in break_special_tokens(mark)
        assert "|>" not in break_special_tokens(mark)


def test_every_published_architecture_has_a_family() -> None:
    for path in (MODELS / "architectures").glob("*.json"):
        c = json.loads(path.read_text())
        if c["definition"] == "family":
            assert (FAMILIES / f"{family_of(path.stem)}.json").is_file()
    assert family_of("Qwen2.5-Coder-7B-Instruct-q4f16_1") == "qwen2.5"
    with pytest.raises(KeyError, match="Mistral"):
        family_of("Mistral-7B")
