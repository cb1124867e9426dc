"""What is read of model servers: names, context windows, what the models can do."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.contract
ROOT = Path(__file__).resolve().parents[2]
Results = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def results() -> Results:
    """Scenario -> what came of it and what was asked."""
    command = ["node", "tests/offscreen/servers.mjs"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: Results = json.loads(done.stdout)
    return found


def rows(results: Results, name: str) -> list[tuple[Any, ...]]:
    """(name, window, images, tools) of each model."""
    fields = ("name", "context_window_tokens", "images", "tools")
    return [tuple(model[field] for field in fields) for model in results[name]["models"]]


def asked(results: Results, name: str) -> list[str]:
    return [entry["url"].split("//", 1)[1].split("/", 1)[1] for entry in results[name]["asked"]]


def test_windows_in_the_list_itself(results: Results) -> None:
    assert rows(results, "vllm") == [("m", 32768, None, None)]
    assert rows(results, "openrouter") == [
        ("a/b", 131072, True, True),
        ("c", 8192, False, None),
    ]
    assert asked(results, "openrouter") == ["api/v1/models"]


def test_llama_cpp_tells_the_window_it_was_started_with(results: Results) -> None:
    assert rows(results, "llama_cpp") == [("m", 4096, True, None)]


def test_lm_studio_tells_what_is_loaded_and_embeddings_are_no_chat_models(
    results: Results,
) -> None:
    assert rows(results, "lm_studio") == [("vl", 8192, True, True), ("idle", 32768, False, False)]


def test_ollama_is_believed_only_as_far_as_it_really_reads(results: Results) -> None:
    assert rows(results, "ollama") == [
        ("big", 16384, True, True),
        ("plain", 4096, False, False),
        ("small", 2048, None, None),
        ("loaded", 32768, False, True),
    ]
    entries = results["ollama"]["asked"]
    assert {entry["key_name"] for entry in entries} == {"s-1"}
    assert {entry["asked_by"] for entry in entries} == {"you"}
    posted = [entry["body"] for entry in entries if entry["method"] == "POST"]
    assert posted[0] == {"model": "big"}


def test_a_program_that_says_nothing_leaves_a_careful_guess(results: Results) -> None:
    assert rows(results, "silent_program") == [("m", 4096, None, None)]


def test_nothing_is_tried_on_servers_of_unknown_programs(results: Results) -> None:
    assert rows(results, "unknown_program") == [("m", 8192, None, None)]
    assert asked(results, "unknown_program") == ["v1/models"]


def test_anthropic_is_asked_in_its_own_way(results: Results) -> None:
    assert rows(results, "anthropic") == [
        ("claude-a", 500_000, True, True),
        ("claude-b", 200_000, False, True),
    ]
    (entry,) = results["anthropic"]["asked"]
    assert entry["headers"]["anthropic-version"] == "2023-06-01"
    assert entry["headers"]["anthropic-dangerous-direct-browser-access"] == "true"
    assert "x-api-key" not in entry["headers"] and entry["key_name"] == "s-1"


def test_what_is_no_list_is_explained(results: Results) -> None:
    assert results["web_page"]["models"]["code"] == "server_not_understood"
    assert results["nothing_there"]["models"]["code"] == "server_failed"
    assert all(results[name]["models"]["hint"] for name in ("web_page", "nothing_there"))
