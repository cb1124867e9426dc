"""The coordinator: mount points, capabilities, contributions, clean-up of one session."""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any

from .arguments import require, require_optional_text, require_text, require_unsigned
from .cancellation import RustCancellationToken
from .crossing import InvalidJson, decode, encode
from .hook_processing import start_processing
from .hooks import RustHookRegistry
from .tasks import NOTHING, ready, running_loop, settled, spawn, start

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

logger = logging.getLogger("_engine.coordinator")

_SINGLE = ("orchestrator", "context", "module-source-resolver")
_NAMED = ("providers", "tools")


class RustCoordinator:
    """Holds what is mounted in a session and hands it to modules.

    Built in `__new__`, so that a subclass may define an `__init__` of its own. State is in
    slots, so that `vars()` shows only the attributes that modules set.
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_approval_system",
        "_cancellation",
        "_capabilities",
        "_channels",
        "_cleanups",
        "_config",
        "_display_system",
        "_has_approval",
        "_has_display",
        "_hooks",
        "_injected_tokens",
        "_loader",
        "_mount_points",
        "_parent_id",
        "_session",
        "_session_id",
        "_session_state",
    )

    def __new__(
        cls, session: Any = None, approval_system: Any = None, display_system: Any = None
    ) -> RustCoordinator:
        """Build a coordinator for `session` (needs session_id, parent_id, config) or for none."""
        self = object.__new__(cls)
        self._session = session
        self._session_id, self._parent_id, self._config = _identity(session)
        self._hooks = RustHookRegistry()
        self._cancellation = RustCancellationToken()
        self._mount_points = {
            "orchestrator": None,
            "providers": {},
            "tools": {},
            "context": None,
            "hooks": self._hooks,
            "module-source-resolver": None,
        }
        self._capabilities = {}
        self._channels = {}
        self._cleanups = []
        self._session_state = {}
        self._loader = None
        self._approval_system = approval_system
        self._display_system = display_system
        self._has_approval = False
        self._has_display = False
        self._injected_tokens = 0
        return self

    _approval_system: Any
    _cancellation: RustCancellationToken
    _capabilities: dict[str, Any]
    _channels: dict[str, list[dict[str, Any]]]
    _cleanups: list[Callable[[], Any]]
    _config: Any
    _display_system: Any
    _has_approval: bool
    _has_display: bool
    _hooks: RustHookRegistry
    _injected_tokens: int
    _loader: Any
    _mount_points: dict[str, Any]
    _parent_id: str | None
    _session: Any
    _session_id: str
    _session_state: dict[str, Any]

    @property
    def session(self) -> Any:
        """The session, or a plain namespace with its ids before it is initialised."""
        return self._session

    def _set_session(self, session: Any) -> None:
        self._session = session

    @property
    def session_id(self) -> str:
        """Id of the session; "" without one."""
        return self._session_id

    @property
    def parent_id(self) -> str | None:
        """Id of the parent session."""
        return self._parent_id

    @property
    def config(self) -> Any:
        """The configuration object of the session, as given."""
        return self._config

    @property
    def hooks(self) -> RustHookRegistry:
        """The hook registry."""
        return self._hooks

    @property
    def cancellation(self) -> RustCancellationToken:
        """The session's cancellation token."""
        return self._cancellation

    @property
    def channels(self) -> dict[str, list[dict[str, Any]]]:
        """Contributors per channel: {channel: [{name, callback}]}."""
        return self._channels

    @property
    def _cleanup_fns(self) -> list[Callable[[], Any]]:
        return self._cleanups

    @property
    def injection_budget_per_turn(self) -> Any:
        """`config["session"]["injection_budget_per_turn"]` as given, in tokens."""
        return self._session_setting("injection_budget_per_turn")

    @property
    def injection_size_limit(self) -> Any:
        """`config["session"]["injection_size_limit"]` as given, in characters."""
        return self._session_setting("injection_size_limit")

    def _session_setting(self, key: str) -> Any:
        section = self._config.get("session")
        return None if section is None else section.get(key)

    @property
    def mount_points(self) -> dict[str, Any]:
        """The live mount points; modules may write into them."""
        return self._mount_points

    @mount_points.setter
    def mount_points(self, value: dict[str, Any]) -> None:
        require(value, dict)
        self._mount_points = value

    @property
    def session_state(self) -> dict[str, Any]:
        """Free storage for modules."""
        return self._session_state

    @session_state.setter
    def session_state(self, value: dict[str, Any]) -> None:
        require(value, dict)
        self._session_state = value

    @property
    def loader(self) -> Any:
        """The module loader."""
        return self._loader

    @loader.setter
    def loader(self, value: Any) -> None:
        self._loader = value

    @property
    def approval_system(self) -> Any:
        """The application's approval system."""
        return self._approval_system

    @approval_system.setter
    def approval_system(self, value: Any) -> None:
        self._approval_system = value
        self._has_approval = value is not None

    @property
    def display_system(self) -> Any:
        """The application's display system."""
        return self._display_system

    @display_system.setter
    def display_system(self, value: Any) -> None:
        self._display_system = value
        # Never goes back: the native engine keeps its display service once it has one.
        self._has_display = self._has_display or value is not None

    @property
    def _current_turn_injections(self) -> int:
        return self._injected_tokens

    @_current_turn_injections.setter
    def _current_turn_injections(self, value: int) -> None:
        self._injected_tokens = require_unsigned(value)

    def mount(
        self, mount_point: str, module: Any, name: str | None = None
    ) -> Coroutine[Any, Any, tuple[()]]:
        """Mount a module now; ValueError for unknown points, hooks, and a missing name."""
        self._known(mount_point, name)
        if mount_point == "hooks":
            raise ValueError("Hooks should be registered directly with the HookRegistry")
        if mount_point in _SINGLE:
            self._mount_points[mount_point] = module
        elif mount_point in _NAMED:
            if name is None:
                name = _name_of(module, mount_point)
            self._mount_points[mount_point][name] = module
        running_loop()
        return ready(NOTHING)

    def unmount(self, mount_point: str, name: str | None = None) -> Coroutine[Any, Any, tuple[()]]:
        """Unmount now; a missing module is no error, a missing name is."""
        self._known(mount_point, name)
        if mount_point in _SINGLE:
            self._mount_points[mount_point] = None
        elif mount_point in _NAMED:
            if name is None:
                raise ValueError(f"Name required to unmount from {mount_point}")
            self._mount_points[mount_point].pop(name, None)
        running_loop()
        return ready(NOTHING)

    def get(self, mount_point: str, name: str | None = None) -> Any:
        """Return what is mounted: the module, the live dict, or the item (None if absent)."""
        self._known(mount_point, name)
        if mount_point in _SINGLE or mount_point == "hooks":
            return self._mount_points[mount_point]
        if mount_point in _NAMED:
            modules = self._mount_points[mount_point]
            return modules if name is None else modules.get(name)
        return None

    def _known(self, mount_point: str, name: str | None) -> None:
        require_text(mount_point)
        require_optional_text(name)
        if mount_point not in self._mount_points:
            raise ValueError(f"Unknown mount point: {mount_point}")

    def register_capability(self, name: str, value: Any) -> None:
        """Publish a capability; the last one of a name wins."""
        self._capabilities[require_text(name)] = value

    def get_capability(self, name: str) -> Any:
        """Return a capability or None."""
        return self._capabilities.get(require_text(name))

    def register_contributor(self, channel: str, name: str, callback: Callable[[], Any]) -> None:
        """Add a contributor to a channel; duplicates are kept."""
        require_text(channel)
        entry = {"name": require_text(name), "callback": callback}
        self._channels.setdefault(channel, []).append(entry)

    def collect_contributions(self, channel: str) -> Coroutine[Any, Any, list[Any]]:
        """Ask every contributor of a channel; the coroutine gives what is not None."""
        from amplifier_core._collect_helper import collect_contributions

        contributions: Coroutine[Any, Any, list[Any]] = collect_contributions(
            self._channels, require_text(channel)
        )
        return contributions

    def register_cleanup(self, cleanup_fn: Callable[[], Any] | None) -> None:
        """Add a clean-up function; None and what cannot be called are ignored."""
        if callable(cleanup_fn):
            self._cleanups.append(cleanup_fn)

    def cleanup(self) -> Coroutine[Any, Any, tuple[()]]:
        """Run all clean-up functions, last one first; they stay registered.

        Errors are logged. The first that is no Exception is raised after all have run.
        """
        return start(run_cleanups(list(self._cleanups), logger))

    def request_cancel(self, immediate: bool = False) -> Coroutine[Any, Any, tuple[()]]:
        """Move the cancellation token; no event, no callbacks."""
        require(immediate, bool)
        if immediate:
            self._cancellation.request_immediate()
        else:
            self._cancellation.request_graceful()
        running_loop()
        return ready(NOTHING)

    def reset_turn(self) -> None:
        """Zero the count of tokens injected in this turn."""
        self._injected_tokens = 0

    def process_hook_result(
        self, result: Any, event: str, hook_name: str = "unknown"
    ) -> Coroutine[Any, Any, Any]:
        """Carry out a HookResult: store injections, show messages, ask for approval."""
        return start_processing(self, result, require_text(event), require_text(hook_name))

    def to_dict(self) -> dict[str, Any]:
        """Return a summary of what is mounted."""
        for key in ("tools", "providers", "orchestrator", "context"):
            if key not in self._mount_points:
                raise RuntimeError(f"mount_points missing '{key}'")
        return {
            "tools": list(self._mount_points["tools"]),
            "providers": list(self._mount_points["providers"]),
            "has_orchestrator": self._mount_points["orchestrator"] is not None,
            "has_context": self._mount_points["context"] is not None,
            "capabilities": list(self._capabilities),
            "has_approval_provider": self._has_approval,
            "has_display_service": self._has_display,
        }


def _identity(session: Any) -> tuple[str, str | None, Any]:
    if session is None:
        return "", None, {}
    session_id = require_text(session.session_id)
    parent_id = require_optional_text(session.parent_id)
    config = session.config
    try:
        if not isinstance(decode(encode(config)), dict):
            raise InvalidJson(f"expected an object, got {type(config).__name__}")
    except InvalidJson as error:
        logger.warning(
            "Failed to parse session config as JSON object (using empty config): %s", error
        )
    return session_id, parent_id, config


def _name_of(module: Any, mount_point: str) -> str:
    try:
        name = module.name
    except AttributeError:
        raise ValueError(f"Name required for {mount_point}") from None
    return require_text(name)


async def run_cleanups(cleanups: list[Callable[[], Any]], log: logging.Logger) -> tuple[()]:
    """Run clean-up functions in reverse order; see `RustCoordinator.cleanup`."""
    fatal: BaseException | None = None
    for cleanup in reversed(cleanups):
        if not callable(cleanup):
            continue
        error = await _run_cleanup(cleanup)
        if error is None:
            continue
        log.error("Error during cleanup: %s: %s", type(error).__qualname__, error)
        if fatal is None and not isinstance(error, Exception):
            fatal = error
    if fatal is not None:
        raise fatal
    return NOTHING


async def _run_cleanup(cleanup: Callable[[], Any]) -> BaseException | None:
    try:
        returned = cleanup()
    except BaseException as error:
        return error
    if not inspect.iscoroutine(returned):
        return None
    task = spawn(returned)
    # A clean-up that has begun runs to its end even if the waiter is cancelled.
    await settled(task, cancel=False)
    try:
        task.result()
    except BaseException as error:
        return error
    return None
