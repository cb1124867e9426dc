"""The state machine that makes programs, rule by rule, for both engines to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.kernel.strategies import (
    ACTIONS,
    APPROVALS,
    BAD_CONFIGS,
    CALLBACKS,
    DATA,
    DISPLAYS,
    EVENTS,
    GOOD_RESULTS,
    HANDLERS,
    LABELS,
    NAMES,
    OBJECTS,
    POINTS,
    PRIORITIES,
    SCALARS,
    SESSION_CONFIGS,
    SETTINGS,
    STORES,
    TEXTS,
    TOKEN_METHODS,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Step = dict[str, Any]

#: What a program is about; spread over everything, twenty steps rarely meet on one thing.
FOCUS = st.sampled_from([*["hooks", "results"] * 2, "tokens", "coordinator", "session", "all"])


def about(*subjects: str) -> Callable[[Any], Any]:
    """Return a decorator that keeps a rule for programs about one of `subjects`, or about all."""
    wanted = {*subjects, "all"}
    return precondition(lambda self: self.focus in wanted)


class KernelMachine(RuleBasedStateMachine):
    """Collects a program rule by rule; at the end both engines run it and must agree."""

    #: Set by whoever runs the machine: takes a program, raises if the engines differ.
    check: Callable[[list[Step]], None]

    def __init__(self) -> None:
        super().__init__()
        self.program: list[Step] = []
        self.registered = 0
        self.has_session = False
        self.hanging = False
        self.tokens = 1
        self.focus = "all"

    def do(self, what: str, **more: Any) -> None:
        """Add one step."""
        self.program.append({"do": what, **more})

    def teardown(self) -> None:
        """Run the program on both engines."""
        note(f"program = {self.program!r}")
        type(self).check(self.program)

    @initialize(
        focus=FOCUS, settings=SETTINGS, approval=APPROVALS, display=DISPLAYS, context=STORES
    )
    def coordinator(self, focus: str, **given: Any) -> None:
        self.focus = focus
        self.do("coordinator", **given)

    @about("hooks", "results")
    @rule(
        event=EVENTS,
        priority=PRIORITIES,
        name=st.one_of(st.none(), NAMES),
        handler=HANDLERS,
    )
    def register(self, **given: Any) -> None:
        self.registered += 1
        self.do("register", **given)

    @about("hooks")
    @rule(priority=st.sampled_from([2**31 - 1, -(2**31), 2**31, 1.5, True, None]))
    def register_odd_priority(self, priority: Any) -> None:
        handler = {"kind": "sync", "does": "return", "event": "beta", "result": None}
        self.do("register", event="alpha", priority=priority, name="odd", handler=handler)

    @about("hooks")
    @precondition(lambda self: self.registered)
    @rule(index=st.integers(0, 9))
    def remove(self, index: int) -> None:
        self.do("remove", index=index)

    @about("hooks")
    @precondition(lambda self: self.registered)
    @rule(name=NAMES)
    def unregister(self, name: str) -> None:
        self.do("unregister", name=name)

    @about("hooks")
    @rule(event=EVENTS)
    def list_handlers(self, event: str) -> None:
        self.do("list", event=event)

    @about("hooks")
    @rule(fields=OBJECTS)
    def defaults(self, fields: Any) -> None:
        self.do("defaults", fields=fields)

    @about("hooks", "results", "session")
    @rule(event=EVENTS, data=DATA)
    def emit(self, **given: Any) -> None:
        self.do("emit", **given)

    @about("hooks", "results")
    @rule(
        event=EVENTS,
        handlers=st.lists(st.tuples(PRIORITIES, HANDLERS), min_size=1, max_size=3),
        defaults=st.one_of(st.none(), OBJECTS),
        data=OBJECTS,
        how=st.sampled_from(["emit", "emit_and_process", "emit_and_process", "collect"]),
    )
    def volley(self, event: str, handlers: Any, defaults: Any, data: Any, how: str) -> None:
        """Handlers that certainly meet on an event."""
        for number, (priority, handler) in enumerate(handlers):
            self.registered += 1
            name = f"v{number}"
            self.do("register", event=event, priority=priority, name=name, handler=handler)
        if defaults is not None:
            self.do("defaults", fields=defaults)
        self.do(how, event=event, data=data)

    @about("results")
    @rule(event=EVENTS, action=ACTIONS, results=st.lists(GOOD_RESULTS, min_size=2, max_size=3))
    def agree(self, event: str, action: str, results: Any) -> None:
        """Handlers that want the same of one event."""
        for number, result in enumerate(results):
            self.registered += 1
            wanted = {**result, "action": action}
            handler = {"kind": "sync", "does": "return", "event": "beta", "result": wanted}
            self.do("register", event=event, priority=0, name=f"a{number}", handler=handler)
        self.do("emit_and_process", event=event, data={})

    @about("hooks", "results")
    @precondition(lambda self: self.registered)
    @rule(event=EVENTS, data=OBJECTS)
    def emit_again(self, **given: Any) -> None:
        self.do("emit", **given)

    @about("hooks")
    @precondition(lambda self: self.registered)
    @rule(event=EVENTS, data=DATA)
    def collect(self, **given: Any) -> None:
        self.do("collect", **given)

    @about("hooks")
    @precondition(lambda self: not self.hanging and len(self.program) % 7 == 0)
    @rule(cancelled=st.sampled_from([True, True, True, False]), name=NAMES)
    def hang(self, cancelled: bool, name: str) -> None:
        """A handler that never returns: collected with a timeout, or its emitter cancelled."""
        self.hanging = True
        handler = {"kind": "async", "does": "hang", "event": "beta", "result": None}
        self.do("register", event="hang", priority=0, name=name, handler=handler)
        if cancelled:
            self.do("emit_cancelled", event="hang")
        else:
            self.do("collect_hanging", event="hang")

    @about("tokens")
    @rule()
    def token(self) -> None:
        self.tokens += 1
        self.do("token")

    @about("tokens")
    @rule(
        index=st.integers(0, 4),
        method=TOKEN_METHODS,
    )
    def token_do(self, **given: Any) -> None:
        self.do("token_do", **given)

    @about("tokens")
    @rule(
        index=st.integers(0, 4),
        child=st.integers(0, 4),
        method=st.sampled_from(["register_child", "register_child", "unregister_child"]),
    )
    def token_tree(self, **given: Any) -> None:
        self.do("token_tree", **given)

    @about("tokens")
    @rule(states=st.lists(TOKEN_METHODS, max_size=2), then=TOKEN_METHODS)
    def token_family(self, states: list[str], then: str) -> None:
        """A child that certainly joins its parent, whatever state the parent is in by then."""
        parent = self.tokens
        self.token()
        self.token()
        for method in states:
            self.do("token_do", index=parent, method=method)
        self.do("token_tree", index=parent, child=parent + 1, method="register_child")
        self.do("token_do", index=parent, method=then)

    @about("tokens")
    @rule(index=st.integers(0, 4), started=st.booleans(), id=NAMES, name=NAMES)
    def token_tool(self, **given: Any) -> None:
        self.do("token_tool", **given)

    @about("tokens")
    @rule(index=st.integers(0, 4), callback=CALLBACKS, label=LABELS)
    def token_callback(self, **given: Any) -> None:
        self.do("token_callback", **given)

    @about("tokens")
    @rule(index=st.integers(0, 4))
    def token_trigger(self, index: int) -> None:
        self.do("token_trigger", index=index)

    @about("coordinator", "session")
    @rule(
        point=POINTS,
        label=LABELS,
        name=st.one_of(st.none(), NAMES),
        own_name=st.one_of(st.none(), NAMES),
    )
    def mount(self, **given: Any) -> None:
        self.do("mount", **given)

    @about("coordinator")
    @rule(point=POINTS, name=st.one_of(st.none(), NAMES))
    def unmount(self, **given: Any) -> None:
        self.do("unmount", **given)

    @about("coordinator")
    @rule(point=POINTS, name=st.one_of(st.none(), NAMES))
    def get(self, **given: Any) -> None:
        self.do("get", **given)

    @about("coordinator")
    @rule(name=NAMES, value=SCALARS)
    def capability(self, **given: Any) -> None:
        self.do("capability", **given)

    @about("coordinator")
    @rule(channel=NAMES, label=LABELS, callback=CALLBACKS)
    def contribute(self, **given: Any) -> None:
        self.do("contribute", **given)

    @about("coordinator", "session")
    @rule(callback=CALLBACKS, label=LABELS)
    def register_cleanup(self, **given: Any) -> None:
        self.do("register_cleanup", **given)

    @about("coordinator")
    @rule()
    def cleanup(self) -> None:
        self.do("cleanup")

    @about("coordinator", "session", "tokens")
    @rule(immediate=st.booleans())
    def request_cancel(self, immediate: bool) -> None:
        self.do("request_cancel", immediate=immediate)

    @about("coordinator", "results")
    @rule()
    def reset_turn(self) -> None:
        self.do("reset_turn")

    @about("results")
    @rule(result=GOOD_RESULTS, event=EVENTS, name=NAMES)
    def process(self, **given: Any) -> None:
        self.do("process", **given)

    @about("results")
    @precondition(lambda self: self.registered)
    @rule(event=EVENTS, data=OBJECTS)
    def emit_and_process(self, **given: Any) -> None:
        self.do("emit_and_process", **given)

    @about("session")
    @rule(
        config=st.one_of(SESSION_CONFIGS, SESSION_CONFIGS, SESSION_CONFIGS, BAD_CONFIGS),
        session_id=st.one_of(st.none(), st.just("s1"), st.just("")),
        parent_id=st.one_of(st.none(), st.just("p1")),
        is_resumed=st.booleans(),
        prompt=TEXTS,
    )
    def session(self, prompt: str, **given: Any) -> None:
        self.has_session = True
        self.do("session", **given)
        self.do("initialize")
        self.do("execute", prompt=prompt)

    @about("session")
    @precondition(lambda self: self.has_session)
    @rule(prompt=TEXTS)
    def execute(self, prompt: str) -> None:
        self.do("execute", prompt=prompt)

    @about("session")
    @precondition(lambda self: self.has_session)
    @rule(what=st.sampled_from(["initialize", "cleanup_session", "execute_twice"]))
    def session_do(self, what: str) -> None:
        self.do(what)

    @about("session")
    @precondition(lambda self: self.has_session)
    @rule(method=st.sampled_from(["request_graceful", "request_immediate", "reset"]))
    def cancel_session(self, method: str) -> None:
        self.do("cancel_session", method=method)
