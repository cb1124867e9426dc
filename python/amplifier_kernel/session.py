"""The session: initialise once, execute prompts, clean up."""

from __future__ import annotations

import asyncio
import logging
import uuid
from types import SimpleNamespace, TracebackType
from typing import TYPE_CHECKING, Any

from . import constants
from .arguments import closed_class, refuse_copy, require, require_optional_text, require_text
from .coordinator import RustCoordinator, run_cleanups
from .crossing import cross
from .tasks import NOTHING, outcome, start

if TYPE_CHECKING:
    from collections.abc import Coroutine

logger = logging.getLogger("_engine.session")


class RustSession:
    """One conversation of an application with the modules that its configuration names."""

    __slots__ = (
        "__cleaning",
        "__config",
        "__coordinator",
        "__end_told",
        "__initialized",
        "__is_resumed",
        "__metadata",
        "__parent_id",
        "__session_id",
        "__started",
    )

    def __init__(
        self,
        config: dict[str, Any],
        loader: Any = None,
        session_id: str | None = None,
        parent_id: str | None = None,
        approval_system: Any = None,
        display_system: Any = None,
        is_resumed: bool = False,
    ) -> None:
        """Check `config` and build the coordinator.

        Raises TypeError for wrong types, ValueError without orchestrator or context,
        RuntimeError "Invalid config JSON: ..." for values that JSON cannot hold.
        """
        self.__metadata = _check_config(config)
        require(is_resumed, bool)
        if loader is not None:
            logger.warning(
                "loader parameter passed to RustSession.__init__ but is not used — "
                "set session.coordinator.loader instead"
            )
        given_id = require_optional_text(session_id)
        self.__session_id = str(uuid.uuid4()) if given_id is None else given_id
        self.__parent_id = require_optional_text(parent_id)
        self.__config = config
        self.__is_resumed = is_resumed
        self.__initialized = False
        self.__started = False
        self.__end_told = False
        self.__cleaning: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None
        identity = SimpleNamespace(
            session_id=self.__session_id, parent_id=self.__parent_id, config=config
        )
        self.__coordinator = RustCoordinator(identity, approval_system, display_system)
        self.__coordinator.hooks.set_default_fields(
            session_id=self.__session_id, parent_id=self.__parent_id
        )

    def __init_subclass__(cls) -> None:
        raise closed_class("RustSession")

    __reduce__ = refuse_copy

    @property
    def session_id(self) -> str:
        """The session's id."""
        return self.__session_id

    @property
    def parent_id(self) -> str | None:
        """The parent session's id."""
        return self.__parent_id

    @property
    def coordinator(self) -> RustCoordinator:
        """The session's coordinator."""
        return self.__coordinator

    @property
    def config(self) -> dict[str, Any]:
        """The configuration object, as given."""
        return self.__config

    @property
    def is_resumed(self) -> bool:
        """Whether the application continues an earlier session."""
        return self.__is_resumed

    @property
    def initialized(self) -> bool:
        """Whether modules are mounted."""
        return self.__initialized

    def initialize(self) -> Coroutine[Any, Any, tuple[()]]:
        """Load and mount all modules; nothing happens if that was done.

        The coroutine raises RuntimeError "Session initialization failed: ...".
        """
        self.__coordinator._set_session(self)
        return start(self.__initialize())

    async def __initialize(self) -> tuple[()]:
        if self.__initialized:
            return NOTHING
        from amplifier_core._session_init import initialize_session

        error, _ = await outcome(
            initialize_session(
                self.__config, self.__coordinator, self.__session_id, self.__parent_id
            ),
            cancel=True,
        )
        if error is not None:
            raise RuntimeError(f"Session initialization failed: {_describe(error)}")
        self.__initialized = True
        self.__end_told = False
        return NOTHING

    def execute(self, prompt: str) -> Coroutine[Any, Any, str]:
        """Run the orchestrator on `prompt` now; the coroutine gives its answer.

        Raises at the call TypeError for a non-str prompt and RuntimeError before
        `initialize`. Whatever the orchestrator raises arrives as RuntimeError
        "Execution failed: TYPE: TEXT".
        """
        text = require_text(prompt)
        if not self.__initialized:
            raise RuntimeError("Session not initialized. Call initialize() first.")
        first, self.__started = not self.__started, True
        return start(self.__execute(text, first))

    async def __execute(self, prompt: str, first: bool) -> str:
        if first:
            await self.__emit_start()
        from amplifier_core._session_exec import emit_raw_field_if_configured, run_orchestrator

        # Once it runs, telling the raw configuration is not cut short, as natively.
        error, _ = await outcome(
            emit_raw_field_if_configured(
                self.__coordinator, self.__config, self.__session_id, constants.SESSION_START
            ),
            cancel=False,
        )
        if error is not None:
            raise RuntimeError(f"Debug event emission failed: {_describe(error)}")
        error, answer = await outcome(run_orchestrator(self.__coordinator, prompt), cancel=True)
        problem = None if error is None else _describe(error)
        await self.__emit_cancelled(problem)
        if problem is not None:
            raise RuntimeError(f"Execution failed: {problem}")
        return require_text(answer)

    async def __emit_start(self) -> None:
        payload: dict[str, Any] = {"session_id": self.__session_id, "parent_id": self.__parent_id}
        if self.__metadata:
            payload["metadata"] = self.__metadata
        event = constants.SESSION_RESUME if self.__is_resumed else constants.SESSION_START
        await self.__coordinator.hooks.emit(event, payload)

    async def __emit_cancelled(self, problem: str | None) -> None:
        token = self.__coordinator.cancellation
        if not token.is_cancelled:
            return
        payload: dict[str, Any] = {"was_immediate": token.is_immediate}
        if problem is not None:
            payload["error"] = problem
        await self.__coordinator.hooks.emit(constants.CANCEL_COMPLETED, payload)

    def cleanup(self) -> Coroutine[Any, Any, tuple[()]]:
        """Emit session:end if initialised, then run all clean-up functions; never raises.

        One clean-up at a time: a second call waits for the first. The event is emitted once
        per initialisation, also when the first attempt was cancelled.
        """
        return start(self.__cleanup())

    async def __cleanup(self) -> tuple[()]:
        loop = asyncio.get_running_loop()
        # A lock belongs to the loop that first waits for it; a session may outlive its loop.
        if self.__cleaning is None or self.__cleaning[0] is not loop:
            self.__cleaning = (loop, asyncio.Lock())
        async with self.__cleaning[1]:
            return await self.__cleanup_alone()

    async def __cleanup_alone(self) -> tuple[()]:
        if self.__initialized and not self.__end_told:
            self.__end_told = True
            await self.__coordinator.hooks.emit(
                constants.SESSION_END, {"session_id": self.__session_id}
            )
        await run_cleanups(list(self.__coordinator._cleanup_fns), logger)
        self.__initialized = False
        return NOTHING

    def __aenter__(self) -> Coroutine[Any, Any, RustSession]:
        """Initialise and give the session; begins when awaited."""
        from amplifier_core._session_init import _session_aenter

        entering: Coroutine[Any, Any, RustSession] = _session_aenter(self)
        return entering

    def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_val: BaseException | None,
        exc_tb: TracebackType | None,
        /,
    ) -> Coroutine[Any, Any, tuple[()]]:
        """Clean up; an exception of the block is passed on."""
        return self.cleanup()


def _check_config(config: Any) -> Any:
    """Return the crossed `config["session"]["metadata"]`, or None; see RustSession.__init__."""
    require(config, dict)
    if not config:
        raise ValueError("Configuration is required")
    section = config.get("session", {})
    require(section, dict)
    for key in ("orchestrator", "context"):
        if section.get(key) is None:
            raise ValueError(f"Configuration must specify session.{key}")
    crossed = cross(config, "config JSON")
    return crossed["session"].get("metadata")


def _describe(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        text = "<exception str() failed>"
    # As natively: a lone surrogate becomes one replacement character per byte.
    text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return f"{type(error).__qualname__}: {text}"
