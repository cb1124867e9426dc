"""The two engines on CPython, shared by all tests here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.kernel.engines import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def native() -> Iterator[Engine]:
    """The published engine."""
    engine = Engine("native")
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def ours() -> Iterator[Engine]:
    """The repacked wheel with our engine."""
    engine = Engine("ours")
    yield engine
    engine.close()
