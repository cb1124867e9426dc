"""The coordinator: mount points, capabilities, contributions, clean-up of one session."""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, Any

from .arguments import (
    refuse_copy,
    require,
    require_optional_text,
    require_text,
    require_unsigned,
)
from .cancellation import RustCancellationToken
from .crossing import InvalidJson, decode, encode
from .hook_processing import Services, TokenCount, start_processing
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
    slots, so that `vars()` shows only the attributes that modules set, and under private names:
    a module may set attributes of its own, whatever they are called.
    """

    __slots__ = (
        "__approval_system",
        "__cancellation",
        "__capabilities",
        "__channels",
        "__cleanups",
        "__config",
        "__dict__",
        "__display_system",
        "__has_approval",
        "__has_display",
        "__hooks",
        "__injected",
        "__loader",
        "__mount_points",
        "__parent_id",
        "__session",
        "__session_id",
        "__session_state",
    )

    def __new__(
        cls, session: Any = None, approval_system: Any = None, display_system: Any = None
    ) -> RustCoordinator:
        """Build a coordinator for `session` (needs session_id, parent_id, config) or for none."""
        self = object.__new__(cls)
        self.__session = session
        self.__session_id, self.__parent_id, self.__config = _identity(session)
        self.__hooks = RustHookRegistry()
        self.__cancellation = RustCancellationToken()
        self.__mount_points = {
            "orchestrator": None,
            "providers": {},
            "tools": {},
            "context": None,
            "hooks": self.__hooks,
            "module-source-resolver": None,
        }
        self.__capabilities = {}
        self.__channels = {}
        self.__cleanups = []
        self.__session_state = {}
        self.__loader = None
        self.__approval_system = approval_system
        self.__display_system = display_system
        self.__has_approval = False
        self.__has_display = False
        self.__injected = TokenCount()
        return self

    __reduce__ = refuse_copy

    __approval_system: Any
    __cancellation: RustCancellationToken
    __capabilities: dict[str, Any]
    __channels: dict[str, list[dict[str, Any]]]
    __cleanups: list[Callable[[], Any]]
    __config: Any
    __display_system: Any
    __has_approval: bool
    __has_display: bool
    __hooks: RustHookRegistry
    __injected: TokenCount
    __loader: Any
    __mount_points: dict[str, Any]
    __parent_id: str | None
    __session: Any
    __session_id: str
    __session_state: dict[str, Any]

    @property
    def session(self) -> Any:
        """The session, or a plain namespace with its ids before it is initialised."""
        return self.__session

    def _set_session(self, session: Any) -> None:
        self.__session = session

    @property
    def session_id(self) -> str:
        """Id of the session; "" without one."""
        return self.__session_id

    @property
    def parent_id(self) -> str | None:
        """Id of the parent session."""
        return self.__parent_id

    @property
    def config(self) -> Any:
        """The configuration object of the session, as given."""
        return self.__config

    @property
    def hooks(self) -> RustHookRegistry:
        """The hook registry."""
        return self.__hooks

    @property
    def cancellation(self) -> RustCancellationToken:
        """The session's cancellation token."""
        return self.__cancellation

    @property
    def channels(self) -> dict[str, list[dict[str, Any]]]:
        """Contributors per channel: {channel: [{name, callback}]}."""
        return self.__channels

    @property
    def _cleanup_fns(self) -> list[Callable[[], Any]]:
        return self.__cleanups

    @property
    def injection_budget_per_turn(self) -> Any:
        """`config["session"]["injection_budget_per_turn"]` as given, in tokens."""
        return _session_setting(self.__config, "injection_budget_per_turn")

    @property
    def injection_size_limit(self) -> Any:
        """`config["session"]["injection_size_limit"]` as given, in characters."""
        return _session_setting(self.__config, "injection_size_limit")

    @property
    def mount_points(self) -> dict[str, Any]:
        """The live mount points; modules may write into them."""
        return self.__mount_points

    @mount_points.setter
    def mount_points(self, value: dict[str, Any]) -> None:
        require(value, dict)
        self.__mount_points = value

    @property
    def session_state(self) -> dict[str, Any]:
        """Free storage for modules."""
        return self.__session_state

    @session_state.setter
    def session_state(self, value: dict[str, Any]) -> None:
        require(value, dict)
        self.__session_state = value

    @property
    def loader(self) -> Any:
        """The module loader."""
        return self.__loader

    @loader.setter
    def loader(self, value: Any) -> None:
        self.__loader = value

    @property
    def approval_system(self) -> Any:
        """The application's approval system."""
        return self.__approval_system

    @approval_system.setter
    def approval_system(self, value: Any) -> None:
        self.__approval_system = value
        self.__has_approval = value is not None

    @property
    def display_system(self) -> Any:
        """The application's display system."""
        return self.__display_system

    @display_system.setter
    def display_system(self, value: Any) -> None:
        self.__display_system = value
        # Never goes back: the native engine keeps its display service once it has one.
        self.__has_display = self.__has_display or value is not None

    @property
    def _current_turn_injections(self) -> int:
        return self.__injected.tokens

    @_current_turn_injections.setter
    def _current_turn_injections(self, value: int) -> None:
        self.__injected.tokens = require_unsigned(value)

    def mount(
        self, mount_point: str, module: Any, name: str | None = None
    ) -> Coroutine[Any, Any, tuple[()]]:
        """Mount a module now; ValueError for unknown points, hooks, and a missing name."""
        mount_point, name = self.__known(mount_point, name)
        if mount_point == "hooks":
            raise ValueError("Hooks should be registered directly with the HookRegistry")
        if mount_point in _SINGLE:
            self.__mount_points[mount_point] = module
        elif mount_point in _NAMED:
            if name is None:
                name = _name_of(module, mount_point)
            self.__mount_points[mount_point][name] = module
        running_loop()
        return ready(NOTHING)

    def unmount(self, mount_point: str, name: str | None = None) -> Coroutine[Any, Any, tuple[()]]:
        """Unmount now; a missing module is no error, a missing name is."""
        mount_point, name = self.__known(mount_point, name)
        if mount_point in _SINGLE:
            self.__mount_points[mount_point] = None
        elif mount_point in _NAMED:
            if name is None:
                raise ValueError(f"Name required to unmount from {mount_point}")
            self.__mount_points[mount_point].pop(name, None)
        running_loop()
        return ready(NOTHING)

    def get(self, mount_point: str, name: str | None = None) -> Any:
        """Return what is mounted: the module, the live dict, or the item (None if absent)."""
        mount_point, name = self.__known(mount_point, name)
        if mount_point in _SINGLE or mount_point == "hooks":
            return self.__mount_points[mount_point]
        if mount_point in _NAMED:
            modules = self.__mount_points[mount_point]
            return modules if name is None else dict.get(_dict(modules), name)
        return None

    def __known(self, mount_point: str, name: str | None) -> tuple[str, str | None]:
        point, label = require_text(mount_point), require_optional_text(name)
        if point not in self.__mount_points:
            raise ValueError(f"Unknown mount point: {point}")
        return point, label

    def register_capability(self, name: str, value: Any) -> None:
        """Publish a capability; the last one of a name wins."""
        self.__capabilities[require_text(name)] = value

    def get_capability(self, name: str) -> Any:
        """Return a capability or None."""
        return self.__capabilities.get(require_text(name))

    def register_contributor(self, channel: str, name: str, callback: Callable[[], Any]) -> None:
        """Add a contributor to a channel; duplicates are kept."""
        channel = require_text(channel)
        entry = {"name": require_text(name), "callback": callback}
        self.__channels.setdefault(channel, []).append(entry)

    def collect_contributions(self, channel: str) -> Coroutine[Any, Any, list[Any]]:
        """Ask every contributor of a channel; the coroutine gives what is not None."""
        from amplifier_core._collect_helper import collect_contributions

        contributions: Coroutine[Any, Any, list[Any]] = collect_contributions(
            self.__channels, require_text(channel)
        )
        return contributions

    def register_cleanup(self, cleanup_fn: Callable[[], Any] | None) -> None:
        """Add a clean-up function; None and what cannot be called are ignored."""
        if callable(cleanup_fn):
            self.__cleanups.append(cleanup_fn)

    def cleanup(self) -> Coroutine[Any, Any, tuple[()]]:
        """Run all clean-up functions, last one first; they stay registered.

        Errors are logged. The first that is no Exception is raised after all have run.
        """
        return start(_run_and_raise(list(self.__cleanups)))

    def request_cancel(self, immediate: bool = False) -> Coroutine[Any, Any, tuple[()]]:
        """Move the cancellation token; no event, no callbacks."""
        require(immediate, bool)
        running_loop()
        if immediate:
            self.__cancellation.request_immediate()
        else:
            self.__cancellation.request_graceful()
        return ready(NOTHING)

    def reset_turn(self) -> None:
        """Zero the count of tokens injected in this turn."""
        self.__injected.tokens = 0

    def process_hook_result(
        self, result: Any, event: str, hook_name: str = "unknown"
    ) -> Coroutine[Any, Any, Any]:
        """Carry out a HookResult: store injections, show messages, ask for approval."""
        # From the private state, also where a subclass has attributes of these names.
        services = Services(
            context=self.__mount_points.get("context"),
            approval=self.__approval_system,
            display=self.__display_system,
            size_limit=_session_setting(self.__config, "injection_size_limit"),
            budget=_session_setting(self.__config, "injection_budget_per_turn"),
            injected=self.__injected,
        )
        return start_processing(services, result, require_text(event), require_text(hook_name))

    def to_dict(self) -> dict[str, Any]:
        """Return a summary of what is mounted."""
        for key in ("tools", "providers", "orchestrator", "context"):
            if key not in self.__mount_points:
                raise RuntimeError(f"mount_points missing '{key}'")
        return {
            "tools": _names(self.__mount_points["tools"]),
            "providers": _names(self.__mount_points["providers"]),
            "has_orchestrator": self.__mount_points["orchestrator"] is not None,
            "has_context": self.__mount_points["context"] is not None,
            "capabilities": list(self.__capabilities),
            "has_approval_provider": self.__has_approval,
            "has_display_service": self.__has_display,
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


def _session_setting(config: Any, key: str) -> Any:
    section = config.get("session")
    return None if section is None else section.get(key)


def _dict(modules: Any) -> dict[Any, Any]:
    # The live mount points belong to modules, who may have put anything there.
    require(modules, dict)
    found: dict[Any, Any] = modules
    return found


def _names(modules: Any) -> list[str]:
    return [key if isinstance(key, str) else "" for key in _dict(modules)]


def _name_of(module: Any, mount_point: str) -> str:
    try:
        name = module.name
    except Exception:
        raise ValueError(f"Name required for {mount_point}") from None
    return require_text(name)


async def _run_and_raise(cleanups: list[Callable[[], Any]]) -> tuple[()]:
    fatal = await run_cleanups(cleanups, logger)
    if fatal is not None:
        raise fatal
    return NOTHING


async def run_cleanups(
    cleanups: list[Callable[[], Any]], log: logging.Logger
) -> BaseException | None:
    """Run clean-up functions in reverse order; return the first error that is no Exception."""
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
    return fatal


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
