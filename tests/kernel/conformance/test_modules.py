"""The published conformance tests, on every module in python/ and on the fixture package.

Collected here for the engine of this interpreter; `test_elsewhere.py` runs the same file on our
engine and inside Pyodide.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from amplifier_core.testing import EventRecorder, MockContextManager, MockCoordinator, MockTool
from amplifier_core.validation.behavioral import (
    ContextBehaviorTests,
    HookBehaviorTests,
    OrchestratorBehaviorTests,
    ProviderBehaviorTests,
    ToolBehaviorTests,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = ROOT / "tests/kernel/fixtures/conventional"
CLASSES = {
    "context": ContextBehaviorTests,
    "hook": HookBehaviorTests,
    "orchestrator": OrchestratorBehaviorTests,
    "provider": ProviderBehaviorTests,
    "tool": ToolBehaviorTests,
}


def packages() -> list[str]:
    """Every module package, by name."""
    folders = [*(ROOT / "python").glob("amplifier_module_*"), *FIXTURES.glob("amplifier_module_*")]
    return sorted(folder.name for folder in folders if (folder / "__init__.py").exists())


def _import(package: str) -> Any:
    if package.endswith("_fixture") and str(FIXTURES) not in sys.path:
        sys.path.append(str(FIXTURES))
    return importlib.import_module(package)


class _Provider:
    """The least provider that an orchestrator can call."""

    name = "default"

    async def complete(self, request: Any, **options: Any) -> Any:
        from amplifier_core import ChatResponse, TextBlock, Usage

        usage = Usage(input_tokens=1, output_tokens=1, total_tokens=2)
        return ChatResponse(content=[TextBlock(text="an answer")], usage=usage)

    def parse_tool_calls(self, response: Any) -> list[Any]:
        return []


class _WithFixtures:
    """What the published classes ask for."""

    package: str

    @pytest.fixture
    def coordinator(self) -> Any:
        return MockCoordinator()

    @pytest.fixture
    async def hook_cleanup(self, coordinator: Any) -> AsyncIterator[Any]:
        cleanup = await _import(self.package).mount(coordinator, {})
        yield cleanup
        if cleanup is not None:
            done = cleanup()
            if inspect.isawaitable(done):
                await done

    @pytest.fixture
    async def provider_module(self, coordinator: Any, hook_cleanup: Any) -> Any:
        return next(iter(coordinator.get("providers").values()))

    @pytest.fixture
    async def tool_module(self, coordinator: Any, hook_cleanup: Any) -> Any:
        return next(iter(coordinator.get("tools").values()))

    @pytest.fixture
    async def orchestrator_module(self, coordinator: Any, hook_cleanup: Any) -> Any:
        return coordinator.get("orchestrator")

    @pytest.fixture
    async def context_module(self, coordinator: Any, hook_cleanup: Any) -> Any:
        return coordinator.get("context")

    @pytest.fixture
    def mock_deps(self) -> tuple[Any, ...]:
        provider = _Provider()
        provider.priority = 1  # type: ignore[attr-defined]
        tools = {"test_tool": MockTool("test_tool", "result")}
        return MockContextManager(), {"default": provider}, tools, EventRecorder()


def _suite(package: str) -> type:
    kind = _import(package).__amplifier_module_type__
    name = "Test" + "".join(part.title() for part in package.split("_")[2:])
    return type(name, (_WithFixtures, CLASSES[kind]), {"package": package})


for _package in packages():
    _made = _suite(_package)
    globals()[_made.__name__] = _made


def test_every_module_has_a_suite() -> None:
    suites = {kind.package for kind in globals().values() if getattr(kind, "package", None)}
    assert suites == set(packages())
    assert len(suites) >= len(CLASSES)
