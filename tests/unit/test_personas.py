"""Generation settings per persona: data, under what the turn itself asks for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sidelight.contract import Persona, PythonRunTurn, TurnOptions
from sidelight.personas import DEFAULT, PERSONAS, with_persona
from sidelight.testing import SETTINGS, Rig, say

from tests.unit.net import Network, claude_says, says
from tests.unit.test_server_models import bodies, on_server, server

pytestmark = pytest.mark.unit
WRITER = PERSONAS["writer"]


async def ask(rig: Rig, options: dict[str, Any], **changes: Any) -> None:
    """A turn whose message holds only these options, as the panel sends them."""
    request = rig.request("Hi", **changes)
    body = request.model_dump(mode="json")
    body["options"] = options
    rig.send(f"r-{request.turn_id}", body)
    await rig.end(PythonRunTurn.model_validate(body))


def test_the_default_persona_is_what_a_turn_without_settings_gets() -> None:
    options, unknown = with_persona(TurnOptions())
    assert (options, unknown) == (TurnOptions(), None)
    assert DEFAULT in PERSONAS


@pytest.mark.parametrize("persona", PERSONAS.values(), ids=list(PERSONAS))
def test_every_setting_is_the_personas_unless_the_turn_gives_its_own(persona: Persona) -> None:
    settled, _ = with_persona(TurnOptions(persona=persona.persona_id))
    for name in ("temperature", "top_p", "max_tokens", "seed", "stop", "thinking_tokens"):
        if (value := getattr(persona, name)) is not None:
            assert getattr(settled, name) == value
    own: dict[str, Any] = {
        "temperature": 1.5,
        "top_p": 0.5,
        "max_tokens": 7,
        "seed": 9,
        "stop": ["x"],
    }
    own["thinking_tokens"] = 5
    asked = TurnOptions.model_validate({"persona": persona.persona_id, **own})
    assert with_persona(asked)[0] == asked


async def test_settings_reach_a_model_on_this_device() -> None:
    rig = Rig(say("Once."))
    await ask(rig, {"persona": "writer", "seed": 3, "stop": ["END"]})
    (call,) = rig.engine.requests
    options = call.options
    assert (options.temperature, options.top_p) == (WRITER.temperature, WRITER.top_p)
    assert (options.seed, options.stop) == (3, ["END"])
    assert options.max_tokens == WRITER.max_tokens


async def test_settings_reach_servers_in_their_own_names() -> None:
    rig = Rig()
    Network(rig, says("Once."), claude_says("Once."))
    asked = {"persona": "writer", "seed": 3, "stop": ["END"]}
    await ask(rig, asked, **on_server())
    claude = server(kind="anthropic")
    await ask(rig, asked, conversation_id="c2", **on_server(of=claude, provider="anthropic"))
    openai, anthropic = bodies(rig)
    assert (openai["temperature"], openai["top_p"]) == (WRITER.temperature, WRITER.top_p)
    assert (openai["seed"], openai["stop"]) == (3, ["END"])
    assert openai["max_tokens"] == WRITER.max_tokens
    assert anthropic["stop_sequences"] == ["END"] and "seed" not in anthropic
    assert anthropic["top_p"] == WRITER.top_p


async def test_a_persona_may_let_a_model_think_first() -> None:
    rig = Rig()
    Network(rig, claude_says("Once.", thinking="Hm."), says("Once."))
    claude = on_server(of=server(kind="anthropic"), provider="anthropic")
    claude["model"] = claude["model"].model_copy(update={"context_window_tokens": 200_000})
    await ask(rig, {"persona": "thinker"}, **claude)
    await ask(rig, {"persona": "thinker"}, conversation_id="c2", **on_server())
    first, second = bodies(rig)
    assert first["thinking"] == {"type": "enabled", "budget_tokens": 4096}
    assert first["max_tokens"] == 4096 + 1024 and "temperature" not in first
    assert "thinking" not in second


async def test_a_persona_that_is_gone_is_told_and_replaced() -> None:
    rig = Rig(say("Hello."))
    await ask(rig, {"persona": "pirate"})
    assert rig.engine.requests[0].options.temperature == PERSONAS[DEFAULT].temperature
    assert [event.code for event in rig.of("turn.notice")] == ["persona_unknown"]


def test_personas_are_data() -> None:
    text = json.dumps([persona.model_dump() for persona in PERSONAS.values()])
    assert [Persona.model_validate(value) for value in json.loads(text)] == list(PERSONAS.values())


async def test_the_users_own_personas_reach_every_kind_of_model() -> None:
    poet = Persona(persona_id="poet", label="Poet", temperature=1.2, max_tokens=77, stop=["END"])
    places: list[dict[str, Any]] = [{}, on_server()]
    places.append(on_server(of=server(kind="anthropic"), provider="anthropic"))
    for where in places:
        rig = Rig(say("Roses."))
        claude = bool(where) and where["model"].provider == "anthropic"
        network = Network(rig, (claude_says if claude else says)("Hi."))
        settings = where.get("settings", SETTINGS).model_copy(update={"personas": [poet]})
        await ask(rig, {"persona": "poet"}, **{**where, "settings": settings})
        assert rig.of("turn.notice") == []
        if where:
            (body,) = bodies(rig)
            assert (body["temperature"], body["max_tokens"]) in ((1.2, 77), (1.0, 77))
            assert body.get("stop", body.get("stop_sequences")) == ["END"]
            assert network.responses == []
        else:
            options = rig.engine.requests[0].options
            assert (options.temperature, options.max_tokens, options.stop) == (1.2, 77, ["END"])


def test_a_persona_of_the_user_stands_for_the_built_in_one_of_its_name() -> None:
    own = Persona(persona_id=DEFAULT, label="Mine", temperature=0.5)
    assert with_persona(TurnOptions(), [own])[0].temperature == 0.5
    assert with_persona(TurnOptions(persona="gone"), [own])[0].temperature == 0.5
    assert with_persona(TurnOptions(persona="gone"), [own])[1] == "gone"
