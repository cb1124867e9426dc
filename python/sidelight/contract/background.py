"""Messages to and from the background worker."""

from __future__ import annotations

from typing import Literal

from sidelight.contract.values import ContextBlock, Handoff, Model, PageRef


class EnsureOffscreen(Model):
    type: Literal["background.ensure_offscreen"]


class ReadPage(Model):
    """Read the text of a tab. ``document_id`` given and no longer there: error page_changed."""

    type: Literal["background.read_page"]
    page: PageRef
    mode: Literal["page", "selection"]


class PageText(Model):
    block: ContextBlock
    page: PageRef


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
