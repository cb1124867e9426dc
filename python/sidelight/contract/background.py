"""Messages to and from the background worker."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sidelight.contract.values import (
    ContextBlock,
    Handoff,
    Id,
    Level,
    Model,
    PageRef,
    Persona,
    ServerKind,
    ServerModel,
    Settings,
    ShortText,
)


class EnsureOffscreen(Model):
    type: Literal["background.ensure_offscreen"]


class ReadPage(Model):
    """Read the text of a tab. ``document_id`` given and no longer there: error page_changed.

    ``mode``: the main text, all that is seen, or the selection.
    """

    type: Literal["background.read_page"]
    page: PageRef
    mode: Literal["page", "whole", "selection"]


class DroppedText(Model):
    """What was left out for one reason. Of hidden text there is no sample: it is never shown."""

    reason: Literal["menu", "control", "aside", "links", "hidden", "other"]
    chars: int
    sample: ShortText


class PageSection(Model):
    """A heading and all below it: characters ``start`` to ``end`` of the text."""

    title: ShortText
    level: int
    start: int
    end: int


class PageShare(Model):
    """How much of a page was read. Counts are of characters that are not white space.

    ``closed_frames``: parts of other sites inside the page, which are never read.
    """

    read_chars: int
    seen_chars: int
    dropped: list[DroppedText]
    sections: list[PageSection] = Field(max_length=200)
    closed_frames: int


class PageText(Model):
    block: ContextBlock
    page: PageRef
    share: PageShare | None = None


class ReadPageState(Model):
    type: Literal["background.page_state"]
    window_id: int
    read_document_id: str | None = None


class TakeHandoff(Model):
    type: Literal["background.take_handoff"]
    window_id: int


class HandoffResult(Model):
    handoff: Handoff | None


class PageStateChanged(Model):
    """The active tab of a window changed; the panel asks for the new state."""

    type: Literal["panel.page_changed"]
    window_id: int


class HandoffReady(Model):
    type: Literal["panel.handoff_ready"]
    window_id: int


class ReadSettings(Model):
    type: Literal["background.read_settings"]


class SettingsResult(Model):
    settings: Settings


class SetLevel(Model):
    """The user's click on a level. Raising it names what may leave, and where to, beside it."""

    type: Literal["background.set_level"]
    level: Level


class SetLocalChanges(Model):
    type: Literal["background.set_local_changes"]
    local_changes: Literal["ask", "undo"]


class SetPersonas(Model):
    """The user's own personas, in their order; all of them at once."""

    type: Literal["background.set_personas"]
    personas: list[Persona] = Field(max_length=16)


class SaveServer(Model):
    """Add a server, or change the one with this id. ``key`` null keeps the stored key."""

    type: Literal["background.save_server"]
    server_id: Id
    kind: ServerKind = "openai"
    label: Annotated[str, Field(min_length=1, max_length=80)]
    base_url: Annotated[str, Field(min_length=8, max_length=300, pattern=r"^https?://")]
    key: Annotated[str, Field(max_length=1000)] | None


class RemoveServer(Model):
    type: Literal["background.remove_server"]
    server_id: Id


class WriteServerModels(Model):
    """The offscreen document tells what the server at this address offers."""

    type: Literal["background.write_server_models"]
    server_id: Id
    base_url: ShortText
    models: list[ServerModel] = Field(max_length=500)


class ReadKey(Model):
    """Answered to the offscreen document alone, if the key was given for this very origin."""

    type: Literal["background.read_key"]
    server_id: Id
    origin: ShortText


class KeyResult(Model):
    key: Annotated[str, Field(max_length=1000)] | None


class SettingsChanged(Model):
    type: Literal["panel.settings_changed"]
    settings: Settings
