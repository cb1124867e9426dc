"""Who answers, as data: the generation settings of each persona.

A turn names its persona; what the turn's own options give goes before the persona's. A setting
that is None is left to the model's own default where the protocol lets it be left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sidelight.contract import Persona, TurnOptions

DEFAULT = "assistant"

PERSONAS: dict[str, Persona] = {
    persona.persona_id: persona
    for persona in (
        # The same answer for the same question: pages are quoted, not retold.
        Persona(persona_id=DEFAULT, label="Assistant", temperature=0.0, top_p=1.0, max_tokens=512),
        Persona(persona_id="writer", label="Writer", temperature=0.8, top_p=0.95, max_tokens=1024),
        Persona(
            persona_id="brief",
            label="Brief",
            temperature=0.0,
            top_p=1.0,
            max_tokens=160,
            stop=["\n\n\n"],
        ),
        Persona(
            persona_id="repeatable",
            label="Repeatable",
            temperature=0.0,
            top_p=1.0,
            max_tokens=512,
            seed=1,
        ),
        Persona(
            persona_id="thinker",
            label="Thinker",
            temperature=1.0,
            max_tokens=1024,
            thinking_tokens=4096,
        ),
    )
}
_SETTINGS = ("temperature", "top_p", "max_tokens", "seed", "stop", "thinking_tokens")


def with_persona(
    options: TurnOptions, own: Iterable[Persona] = ()
) -> tuple[TurnOptions, str | None]:
    """The options with the persona's settings where the turn gave none of its own, and the name of
    a persona that there is not (any more): the default one answers then. ``own``: the user's,
    which go before those that are built in."""
    known = {**PERSONAS, **{persona.persona_id: persona for persona in own}}
    persona = known.get(options.persona)
    unknown = None if persona else options.persona
    persona = persona or known[DEFAULT]
    given = options.model_fields_set
    settings: dict[str, Any] = {
        name: value
        for name in _SETTINGS
        if name not in given and (value := getattr(persona, name)) is not None
    }
    return options.model_copy(update=settings), unknown
