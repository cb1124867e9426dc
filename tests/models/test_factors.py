"""Rotary factors come from the weights' configuration, and a wrong one is refused by name."""

from __future__ import annotations

import math
from typing import Any

import pytest

from models.decoder.kernels.angles import attention_factor, inverse_frequencies
from models.library.factors import FactorsError, completed
from models.library.places import MODELS
from tests.models.cut_library import architecture
from tools import models as command

pytestmark = pytest.mark.unit

PHI = architecture("Phi-3.5-mini-instruct-q4f16_1")
HALF = PHI["head_size"] // 2
SHORT = [1 + i / 100 for i in range(HALF)]
LONG = [1 + i for i in range(HALF)]
SCALING = {"type": "longrope", "short_factor": SHORT, "long_factor": LONG}
CONFIG = {
    "rope_scaling": SCALING,
    "max_position_embeddings": 131072,
    "original_max_position_embeddings": 4096,
}


@pytest.mark.parametrize("config", [CONFIG, {"model_config": CONFIG}])
def test_the_window_decides_which_factors_hold(config: dict[str, Any]) -> None:
    c = completed(PHI, config)
    plain = inverse_frequencies({**c, "rope_scaling": {}})
    assert inverse_frequencies(c) == [f / s for f, s in zip(plain, SHORT, strict=True)]
    longer = {**c, "context_window_tokens": 8192}
    assert inverse_frequencies(longer) == [f / s for f, s in zip(plain, LONG, strict=True)]
    assert attention_factor(c) == pytest.approx(math.sqrt(1 + 5 / 12)) == attention_factor(longer)


def test_other_architectures_need_none() -> None:
    for path in (MODELS / "architectures").glob("*.json"):
        c = architecture(path.stem)
        if c.get("family") != "phi3":
            assert completed(c, None) is c
            assert attention_factor(c) == 1


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (None, "--config"),
        ({}, "no rope_scaling"),
        (CONFIG | {"original_max_position_embeddings": 2048}, "is 2048"),
        (CONFIG | {"rope_scaling": SCALING | {"long_factor": LONG[1:]}}, "list of 48"),
        (CONFIG | {"rope_scaling": SCALING | {"short_factor": [0.0, *SHORT[1:]]}}, "holds 0.0"),
        (CONFIG | {"rope_scaling": SCALING | {"short_factor": ["1", *SHORT[1:]]}}, "holds '1'"),
    ],
)
def test_a_wrong_configuration_is_refused(config: dict[str, Any] | None, told: str) -> None:
    with pytest.raises(FactorsError, match=told):
        completed(PHI, config)


def test_the_command_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command.environment, "set_up", lambda: None)
    assert command.main(["build", "Phi-3.5-mini-instruct-q4f32_1"]) == 1
    assert "--config FOLDER/mlc-chat-config.json" in capsys.readouterr().err
    missing = ["build", "Phi-3.5-mini-instruct-q4f32_1", "--config", "nowhere.json"]
    assert command.main(missing) == 1
    assert "nowhere.json cannot be read" in capsys.readouterr().err
