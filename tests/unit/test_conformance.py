"""The kernel's own behavioural tests, run on each of our modules."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import amplifier_module_context_sidelight as context_module_under_test
import amplifier_module_hooks_approval as approval_module
import amplifier_module_hooks_observer as observer_module
import amplifier_module_loop_sidelight as loop_module
import amplifier_module_provider_anthropic as anthropic_module
import amplifier_module_provider_builtin as builtin_module
import amplifier_module_provider_openai as openai_module
import amplifier_module_provider_webllm as provider_module_under_test
import amplifier_module_tool_read_page as read_page_module
import amplifier_module_tool_todo as todo_module
import pytest
from amplifier_core import EventRecorder, MockContextManager, MockTool
from amplifier_core.testing import MockCoordinator
from amplifier_core.validation.behavioral import (
    ContextBehaviorTests,
    HookBehaviorTests,
    OrchestratorBehaviorTests,
    ProviderBehaviorTests,
    ToolBehaviorTests,
)
from sidelight.kernel import ChatResponse, ProviderInfo, TextBlock

pytestmark = pytest.mark.unit


@pytest.fixture
def coordinator() -> Any:
    return MockCoordinator()


class TestContext(ContextBehaviorTests):
    @pytest.fixture
    async def context_module(self, coordinator: Any) -> Any:
        await context_module_under_test.mount(coordinator, {})
        return coordinator.get("context")


class TestProvider(ProviderBehaviorTests):
    @pytest.fixture
    async def provider_module(self, coordinator: Any) -> Any:
        await provider_module_under_test.mount(coordinator, {})
        return coordinator.get("providers", "webllm")


class TestServerProvider(ProviderBehaviorTests):
    @pytest.fixture
    async def provider_module(self, coordinator: Any) -> Any:
        await openai_module.mount(coordinator, {})
        return coordinator.get("providers", "openai")


class TestAnthropicProvider(ProviderBehaviorTests):
    @pytest.fixture
    async def provider_module(self, coordinator: Any) -> Any:
        await anthropic_module.mount(coordinator, {})
        return coordinator.get("providers", "anthropic")


class TestBuiltinProvider(ProviderBehaviorTests):
    @pytest.fixture
    async def provider_module(self, coordinator: Any) -> Any:
        await builtin_module.mount(coordinator, {})
        return coordinator.get("providers", "builtin")


class TestReadPageTool(ToolBehaviorTests):
    @pytest.fixture
    async def tool_module(self, coordinator: Any) -> Any:
        await read_page_module.mount(coordinator, {})
        return coordinator.get("tools", "read_page")


class _TodoTool(ToolBehaviorTests):
    name = ""

    @pytest.fixture
    async def tool_module(self, coordinator: Any) -> Any:
        await todo_module.mount(coordinator, {})
        return coordinator.get("tools", self.name)


class TestAddTodo(_TodoTool):
    name = "add_todo"


class TestListTodos(_TodoTool):
    name = "list_todos"


class TestCompleteTodo(_TodoTool):
    name = "complete_todo"


class TestApprovalHook(HookBehaviorTests):
    @pytest.fixture
    async def hook_cleanup(self, coordinator: Any) -> AsyncIterator[Callable[[], None]]:
        yield await approval_module.mount(coordinator, {})


class TestObserverHook(HookBehaviorTests):
    @pytest.fixture
    async def hook_cleanup(self, coordinator: Any) -> AsyncIterator[Callable[[], None]]:
        yield await observer_module.mount(coordinator, {})


class _Provider:
    name = "mock"

    def get_info(self) -> ProviderInfo:
        return ProviderInfo(id="mock", display_name="Mock")

    async def complete(self, request: Any, **kwargs: Any) -> ChatResponse:
        return ChatResponse(content=[TextBlock(text="An answer.")])

    def parse_tool_calls(self, response: ChatResponse) -> list[Any]:
        return list(response.tool_calls or [])


class TestLoop(OrchestratorBehaviorTests):
    @pytest.fixture
    async def orchestrator_module(self, coordinator: Any) -> Any:
        await loop_module.mount(coordinator, {})
        return coordinator.get("orchestrator")

    @pytest.fixture
    def mock_deps(self) -> tuple[Any, Any, Any, Any]:
        return (
            MockContextManager(),
            {"default": _Provider()},
            {"mock_tool": MockTool()},
            EventRecorder(),
        )
