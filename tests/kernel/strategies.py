"""Hypothesis strategies for everything that a generated program is made of."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

from hypothesis import strategies as st

from tests.kernel import values

#: The native engine lets results that JSON cannot hold pass; ours denies. See decision 0012.
_NOT_IN_RESULTS = frozenset({"cycle", "unprintable", "tuplekey"})

EVENTS = st.sampled_from(
    [
        # Mostly one event: handlers that never meet on an event cannot show an order.
        *["alpha"] * 10,
        *("alpha", "beta", "tool:pre", "llm:request", "llm:response", "provider:retry"),
        *("provider:error", "provider:throttle", "provider:request", "llm:stream_block_delta", ""),
    ]
)
PRIORITIES = st.sampled_from([0, 0, 0, 1, -1, 2, -2])
NAMES = st.sampled_from(["n1", "n1", "n1", "n2", "é", ""])
LABELS = st.integers(0, 9).map(lambda number: f"m{number}")
TEXTS = st.one_of(
    st.sampled_from(
        ["", "", "a", "line one\nline two", "\x00bell\x07", "é😀", "x" * 45, "[1]", "{"]
    ),
    st.text(st.characters(codec="utf-8"), max_size=12),
)
NUMBERS = st.one_of(
    st.integers(-5, 5),
    st.integers(-(2**63), 2**64 - 1),
    # Only short binary fractions: the native engine rounds others wrongly. See decision 0010.
    st.integers(-64, 64).map(lambda number: number / 8),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)


def special(kinds: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Return marked values that JSON cannot hold as they are."""
    return st.fixed_dictionaries({"$": kinds, "of": st.integers(0, 3)})


def payloads(kinds: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """Return nested values with now and then a marked one."""
    leaves = st.one_of(SCALARS, SCALARS, SCALARS, special(st.sampled_from(kinds)))
    names = TEXTS.filter(lambda name: name != "$")  # that one marks
    keys = st.one_of(st.sampled_from(["a", "b", "request_id", "timestamp", "z"]), names)
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)
        ),
        max_leaves=8,
    )


ANY_DATA = payloads(values.KINDS)
RESULT_DATA = payloads(tuple(kind for kind in values.KINDS if kind not in _NOT_IN_RESULTS))
KEYS = st.sampled_from(["a", "b", "c", "request_id"])
OBJECTS = st.one_of(
    st.dictionaries(KEYS, ANY_DATA, max_size=3),
    st.dictionaries(KEYS, SCALARS, min_size=2, max_size=4),
)
DATA = st.one_of(OBJECTS, OBJECTS, OBJECTS, ANY_DATA)


ROLES = st.sampled_from(["system", "user", "assistant"])

INJECTIONS = st.fixed_dictionaries(
    {"content": TEXTS},
    optional={
        "role": ROLES,
        "ephemeral": st.booleans(),
        "append_to_last_tool_result": st.booleans(),
        "hook_name": NAMES,
        "event": NAMES,
    },
)
ACTIONS = st.sampled_from(
    ["continue", "deny", *["modify", "inject_context", "ask_user"] * 2]  # these may meet
)
RESULT_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "data": st.one_of(st.none(), st.dictionaries(st.sampled_from(["a", "b"]), RESULT_DATA)),
    "reason": st.one_of(st.none(), TEXTS),
    "context_injection": st.one_of(st.none(), TEXTS),
    "context_injection_role": ROLES,
    "ephemeral": st.booleans(),
    "approval_prompt": st.one_of(st.none(), TEXTS, st.just("P" * 230)),
    "approval_options": st.one_of(st.none(), st.lists(TEXTS, max_size=2)),
    "approval_timeout": st.one_of(st.integers(0, 9), st.just(0.5)),
    "approval_default": st.sampled_from(["allow", "deny"]),
    "suppress_output": st.booleans(),
    "user_message": st.one_of(st.none(), TEXTS),
    "user_message_level": st.sampled_from(["info", "warning", "error"]),
    "user_message_source": st.one_of(st.none(), NAMES),
    "append_to_last_tool_result": st.booleans(),
    "context_injections": st.lists(INJECTIONS, max_size=3),
}
GOOD_RESULTS = st.fixed_dictionaries({"action": ACTIONS}, optional=RESULT_FIELDS)
ITEM_FIELDS = ("content", "role", "ephemeral", "append_to_last_tool_result", "hook_name", "event")
WORD_FIELDS = ("action", "context_injection_role", "approval_default", "user_message_level")


def respelled(result: dict[str, Any], keys: set[str]) -> dict[str, Any]:
    """Return `result` as the native parser also takes it: words as keys, items as bare values."""
    words = [key for key in keys if key in result and key in WORD_FIELDS]
    other: dict[str, Any] = {key: {result[key]: None} for key in words}
    if "context_injections" in keys and "context_injections" in result:
        items = result["context_injections"]
        bare = [
            list(takewhile(lambda value: value is not None, map(i.get, ITEM_FIELDS))) for i in items
        ]
        other["context_injections"] = bare
    return {**result, **other}


SPELLED_RESULTS = st.builds(
    respelled, GOOD_RESULTS, st.sets(st.sampled_from([*WORD_FIELDS, "context_injections"]))
)
#: One field of a wrong type or value, or something that is no result at all.
BAD_RESULTS = st.one_of(
    st.builds(
        lambda good, key, bad: {**good, key: bad},
        GOOD_RESULTS,
        st.sampled_from(["action", *RESULT_FIELDS, "unknown"]),
        RESULT_DATA,
    ),
    RESULT_DATA,
)
HANDLERS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["sync", "async", "async", "slow"]),
        "does": st.sampled_from(
            [*["return"] * 8, "raise", "cancel", "mutate", "echo", "reenter", "register"]
        ),
        "event": st.sampled_from(["beta", "gamma"]),
        "result": st.one_of(
            st.none(), GOOD_RESULTS, GOOD_RESULTS, GOOD_RESULTS, SPELLED_RESULTS, BAD_RESULTS
        ),
    }
)
CALLBACKS = st.fixed_dictionaries(
    {
        "async": st.booleans(),
        "does": st.sampled_from(["nothing", "nothing", "error", "cancel"]),
        "gives": SCALARS,
    }
)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        # The lengths of some TEXTS, so that a text meets its limit exactly.
        "injection_size_limit": st.one_of(
            st.none(), st.sampled_from([0, 1, 2, 3, 7, 17, 45]), st.integers(-1, 40)
        ),
        "injection_budget_per_turn": st.one_of(st.none(), st.integers(-1, 12)),
    },
)
APPROVALS = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {
            "async": st.booleans(),
            "says": st.sampled_from(
                ["Allow", "allow once", "ALLOW ALWAYS", "Deny", "yes", "", None, 5]
            ),
            "raises": st.sampled_from(
                [None, None, None, "approval_timeout", "timeout", "cancelled", "error"]
            ),
        }
    ),
)
STORES = st.one_of(
    st.none(),
    st.fixed_dictionaries({"async": st.booleans(), "fails": st.booleans()}),
    st.just({"async": True}),
    st.just({"empty": True}),
)
TOKEN_METHODS = st.sampled_from(
    ["request_graceful", "request_immediate", "request_cancellation", "reset"]
)
DISPLAYS = st.one_of(st.none(), st.fixed_dictionaries({"fails": st.booleans()}))
POINTS = st.sampled_from(
    ["orchestrator", "context", "module-source-resolver", "providers", "tools", "hooks", "zz"]
)


def modules(kind: str, **more: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return module entries of a session's configuration."""
    config = st.fixed_dictionaries(
        {"point": st.just(kind)},
        optional={
            "fails": st.sampled_from(["load", "mount", "nothing", "cleanup"]),
            "ready": st.sampled_from(["yes", "fails"]),
            "cleanup": st.booleans(),
            **more,
        },
    )
    return st.fixed_dictionaries(
        {"module": st.sampled_from(["provider-a", "provider-b", "tool-a", "x"]), "config": config},
        optional={"instance_id": st.sampled_from(["one", "two"]), "source": st.just("here")},
    )


ORCHESTRATORS = modules(
    "orchestrator",
    emits=st.lists(EVENTS, max_size=2),
    cancels=st.sampled_from(["graceful", "immediate"]),
    raises=st.sampled_from(["error", "silent", "cancelled", "key", "os"]),
    answer=st.one_of(TEXTS, st.integers(), st.none()),
)
SESSION_CONFIGS = st.fixed_dictionaries(
    {
        "session": st.fixed_dictionaries(
            {"orchestrator": ORCHESTRATORS, "context": modules("context")},
            optional={
                "raw": st.booleans(),
                "metadata": st.one_of(st.none(), st.just({"who": "me"})),
            },
        )
    },
    optional={
        "providers": st.lists(modules("providers"), max_size=3),
        "tools": st.lists(modules("tools"), max_size=2),
        "hooks": st.lists(modules("hooks"), max_size=1),
        "api_key": st.just("secret"),
    },
)
BAD_CONFIGS: st.SearchStrategy[Any] = st.one_of(
    st.just({}),
    st.just({"session": {"orchestrator": None, "context": "c"}}),
    st.just({"session": {"orchestrator": "o"}}),
    st.just({"session": {"orchestrator": "o", "context": "c"}, "x": {"$": "nan"}}),
)
