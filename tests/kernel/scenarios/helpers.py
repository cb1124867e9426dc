"""2.6 to 2.8: provider errors, retries, tool results, module resolution."""

from __future__ import annotations

import tempfile
import warnings
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.kernel.scenarios.registry import scenario

if TYPE_CHECKING:
    from tests.kernel.trace import Trace


@scenario
async def provider_errors(trace: Trace) -> None:
    from amplifier_core._engine import ProviderError

    texts = ("m", "", "a\"b\\c'", "\n\r\t\0\x7f", "é\u200b\u0301😀\ue000\u00a0\u2028 \ufeff")
    for text in texts:
        made = ProviderError(text, provider=text, model=text)
        trace.add(repr(made), str(made), made.message, made.provider, made.model)
    numbers = (
        0.0,
        -0.0,
        1.0,
        2.5,
        1e16,
        1e300,
        1e-7,
        0.1,
        123456.789,
        float("nan"),
        float("inf"),
        float("-inf"),
        3,
    )
    for number in numbers:
        made = ProviderError("m", retry_after=number, delay_multiplier=number)
        trace.add(repr(made), made.retry_after, made.delay_multiplier)
    full = ProviderError("m", provider="p", model="q", retryable=True, error_type="Kind")
    trace.add(repr(full), full.retryable, full.error_type, isinstance(full, Exception))
    trace.add(
        full == ProviderError("m", provider="p", model="q", retryable=True, error_type="Kind"),
        full == full,
    )
    bad: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
        ((), {}),
        ((1,), {}),
        (("m", "p"), {}),
        (("m",), {"retry_after": "1"}),
        (("m",), {"retryable": 1}),
        (("m",), {"provider": 1}),
        (("m",), {"error_type": None}),
        (("m",), {"other": 1}),
    ]
    for arguments, named in bad:
        await trace.call(
            f"{arguments} {named}", lambda a=arguments, n=named: ProviderError(*a, **n)
        )
    for name in ("message", "other"):
        await trace.call(f"set {name}", lambda name=name: setattr(full, name, "x"))
    await trace.call("subclass", lambda: type("Sub", (ProviderError,), {}))


def _config(trace: Trace, *arguments: Any, **named: Any) -> Any:
    from amplifier_core._engine import RetryConfig

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            made = RetryConfig(*arguments, **named)
        except (TypeError, OverflowError) as error:
            trace.add(arguments, named, error)
            return None
        old = [made.min_delay, made.backoff_multiplier]
    told = [[type(one.message).__name__, str(one.message)] for one in caught]
    values = [made.max_retries, made.initial_delay, made.max_delay, made.backoff_factor]
    trace.add(arguments, named, values, made.jitter, made.honor_retry_after, old, told)
    return made


@scenario
async def retry_configurations(trace: Trace) -> None:
    for first in (0, 1, -1, 1.5, True, 2**32 - 1, 2**32, None, "3"):
        _config(trace, first)
    jitters: list[Any] = [None, True, False, 0, 0.0, 0.5, 1, -1, "x", "", [], float("nan")]
    for jitter in jitters:
        _config(trace, jitter=jitter)
    for named in (
        {"min_delay": 5.0},
        {"min_delay": 5},
        {"min_delay": 5.0, "initial_delay": 2.0},
        {"min_delay": 5.0, "initial_delay": 1.0},
        {"backoff_multiplier": 3},
        {"backoff_multiplier": 3.0, "backoff_factor": 4.0},
        {"initial_delay": -1.0},
        {"initial_delay": "x"},
        {"max_delay": None},
        {"honor_retry_after": 1},
        {"min_delay": "x"},
        {"unknown": 1},
    ):
        _config(trace, **named)
    made = _config(trace, jitter=False)
    for name in ("max_retries", "jitter", "other"):
        await trace.call(f"set {name}", lambda name=name: setattr(made, name, 1))
    await trace.call("subclass", lambda: type("Sub", (type(made),), {}))
    trace.add(made == type(made)(jitter=False))


@scenario
async def delays(trace: Trace) -> None:
    from amplifier_core._engine import RetryConfig, compute_delay

    nan, infinity = float("nan"), float("inf")
    configs: list[dict[str, Any]] = [
        {},
        {"honor_retry_after": False},
        {"initial_delay": 0.0},
        {"initial_delay": -1.0},
        {"initial_delay": nan},
        {"backoff_factor": -2.0},
        {"backoff_factor": 0.0},
        {"backoff_factor": 1.5, "max_delay": 10.0},
        {"max_delay": -2.0},
        {"max_delay": nan},
        {"max_delay": infinity},
        {"initial_delay": infinity},
    ]
    attempts = (0, 1, 2, 3, 10, 100, 1023, 1024, 5000, 5001, 2**32 - 1)
    for named, attempt in product(configs, attempts):
        config = RetryConfig(jitter=False, **named)
        await trace.call(f"{named} {attempt}", compute_delay, config, attempt)
    plain = RetryConfig(jitter=False)
    for after, factor in product(
        (None, 0.0, 3.0, 500.0, -5.0, nan, infinity),
        (None, 0.0, 0.1, 3.0, 100.0, -1.0, nan, infinity),
    ):
        await trace.call(f"{after} {factor}", compute_delay, plain, 2, after, factor)
        ignoring = RetryConfig(jitter=False, honor_retry_after=False)
        await trace.call("not honoured", compute_delay, ignoring, 2, after, factor)
    for bad in (
        (5, 1),
        (plain, -1),
        (plain, 1.5),
        (plain, 2**32),
        (plain, None),
        (plain, 1, "x"),
        (plain, 1, None, "x"),
        (plain,),
    ):
        await trace.call("bad", compute_delay, *bad)


@scenario
async def jitter_stays_in_its_range(trace: Trace) -> None:
    from amplifier_core._engine import RetryConfig, compute_delay

    config = RetryConfig()
    for attempt, after in product((0, 3, 50), (None, 100.0)):
        plain = compute_delay(RetryConfig(jitter=False), attempt, after)
        drawn = [compute_delay(config, attempt, after) for _ in range(400)]
        inside = all(0.5 * plain <= one <= 1.5 * plain for one in drawn)
        spread = min(drawn) < 0.6 * plain and max(drawn) > 1.4 * plain
        trace.add(attempt, after, inside, spread, len(set(drawn)) > 300)


@scenario
async def classes_of_error_texts(trace: Trace) -> None:
    from amplifier_core._engine import classify_error_message

    phrases = (
        *("context length", "too many tokens", "maximum context", "token limit", "too long"),
        *("rate limit", "rate_limit", "too many requests", "429", "timeout", "timed out"),
        *(
            "authentication",
            "api key",
            "unauthorized",
            "401",
            "content filter",
            "safety",
            "blocked",
        ),
        *("not found", "404", "overloaded", "503", "502", "unavailable", "500", "403", "529", ""),
    )
    trace.add([classify_error_message(f"xx{phrase.upper()}yy") for phrase in phrases])
    trace.add([classify_error_message(f"{one} {two}") for one, two in product(phrases, phrases)])
    for bad in (None, 5, b"429"):
        await trace.call("bad", classify_error_message, bad)


MEDIA = (
    *(
        "image/png",
        "image/svg+xml",
        "image/",
        "image/*",
        "Image/png",
        "image/png; q=1",
        "image/png ",
    ),
    *(
        "image/é",
        "image/1",
        "image/-a",
        "image/a!#$&^_.+-",
        "image/a%",
        "text/png",
        "",
        " image/png",
    ),
)
DATA = (
    "AAAA",
    "AA==",
    "AAA=",
    "AAA",
    "AAB=",
    "AA-_",
    "AA+/",
    "AAAA\\n",
    "",
    "A",
    "====",
    "é",
    " AAAA",
)


@scenario
async def tool_result_content(trace: Trace) -> None:
    from amplifier_core._engine import _normalize_tool_result_content

    block = '[{"type":"image","source":{"type":"base64","media_type":"%s","data":"%s"}}]'
    texts = [
        *(
            "null",
            "[]",
            "{}",
            '"x"',
            "[1]",
            "bad",
            "",
            "[NaN]",
            " [ ] ",
            "[[]]",
            "[null]",
            "[true]",
        ),
        '[{"type":"text","text":"a","extra":1}]',
        '[{"type":"text"}]',
        '[{"type":"text","text":5}]',
        '[{"type":"text","text":""}]',
        '[{"type":"text","text":"é\\u0001\\ud83d\\ude00"}]',
        '[{"type":"text","text":"\\ud800"}]',
        '[{"type":"text","text":"a","text":"b"}]',
        '[{"type":"Text","text":"a"}]',
        '[{"type":5}]',
        '[{"text":"a"}]',
        '[{"type":"image"}]',
        '[{"type":"image","source":5}]',
        '[{"type":"image","source":{}}]',
        '[{"type":"image","source":{"type":"url","media_type":"x","data":""}}]',
        '[{"type":"image","source":{"type":"base64","media_type":5,"data":"AAAA"}}]',
        '[{"type":"image","source":{"type":"base64","data":"AAAA"}}]',
        '[{"type":"image","source":{"type":"base64","media_type":"image/png","data":5}}]',
        '[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA","x":1},"y":2}]',
        *(block % (media, "AAAA") for media in MEDIA),
        *(block % ("image/png", data) for data in DATA),
    ]
    import json

    for text in texts:
        try:
            found = _normalize_tool_result_content(text)
        except ValueError as error:
            trace.add(text, error)
        else:
            trace.add(text, found if found is None else json.loads(found))
    for bad in (None, 5, b"[]"):
        await trace.call("bad", _normalize_tool_result_content, bad)


@scenario
async def tool_result_presentation(trace: Trace) -> None:
    from amplifier_core._engine import _tool_result_safe_hook_presentation

    image = '{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}'
    for text in (
        *("{}", "[]", "null", "bad", "5", '{"success":false}', '{"success":1}', '{"success":null}'),
        '{"output":{"b":1,"a":[1.0,1e3,12345678901234567890123]},"error":{"m":1}}',
        *('{"error":"x"}', '{"error":null}', '{"error":[1]}', '{"unknown":1,"success":true}'),
        *('{"content":null}', '{"content":[]}', '{"content":5}', '{"content":[{"type":"x"}]}'),
        f'{{"content":[{image},{{"type":"text","text":"t"}}],"output":"data:image/png;base64,AAAA"}}',
        '{"output":"é\\n\\u0001\\u007f"}',
    ):
        await trace.call(text, _tool_result_safe_hook_presentation, text)


@scenario
async def tool_results_of_the_python_layer(trace: Trace) -> None:
    from amplifier_core import ToolResult

    image = {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"},
    }
    for content in (None, [], [{"type": "text", "text": "t"}], [image], [{"type": "image"}], "x"):
        try:
            made = ToolResult(output={"a": 1}, content=content)
        except ValueError as error:
            trace.add(type(error).__name__)
            continue
        trace.add(made.model_dump(), made.safe_hook_presentation(), made.get_serialized_output())
        from amplifier_core import HookRegistry

        await trace.call("emitted", HookRegistry().emit, "tool:post", {"result": made.model_dump()})


def _tree(folder: Path, files: dict[str, str]) -> str:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(folder)


@scenario
async def resolving_modules(trace: Trace) -> None:
    from amplifier_core._engine import resolve_module

    manifests = [
        *("", "bad [", "[module]\n", "module=5\n", "[module]\ntype=5\n", '[module]\ntype="Tool"\n'),
        *(
            f'[module]\ntype="{kind}"\n'
            for kind in (
                "tool",
                "provider",
                "orchestrator",
                "context",
                "hook",
                "resolver",
                "approval",
                "other",
            )
        ),
        *(
            f'[module]\ntype="tool"\ntransport={kind}\n'
            for kind in ('"python"', '"native"', "5", '"grpc"', '"rust"', '"wasm"')
        ),
        '[module]\ntype="provider"\ntransport="grpc"\n[grpc]\nendpoint="http://x"\n',
        '[module]\ntype="tool"\ntransport="grpc"\n[grpc]\nendpoint=5\n',
        '[module]\ntype="hook"\ntransport="rust"\ncrate="c"\n',
        '[module]\ntype="tool"\ntransport="wasm"\nartifact="z.wasm"\n',
    ]
    trees: list[dict[str, str]] = [{"amplifier.toml": text} for text in manifests]
    trees += [
        {},
        {"a.py": ""},
        {"__init__.py": ""},
        {"pkg/__init__.py": ""},
        {"x/y/__init__.py": ""},
        {".hidden/__init__.py": ""},
        {"__init__.py": "", "pkg/__init__.py": ""},
        {"amplifier.toml": '[module]\ntype="tool"\n', "pkg/__init__.py": ""},
    ]
    with tempfile.TemporaryDirectory(prefix="resolve") as parent:
        base = Path(parent)
        for number, files in enumerate(trees):
            folder = base / f"m{number}"
            folder.mkdir()
            path = _tree(folder, files)
            for given in (path, path + "/"):
                try:
                    found = resolve_module(given)
                except RuntimeError as error:
                    trace.add(
                        files,
                        str(error)
                        .replace(parent, "BASE")
                        .split("TOML parse")[0]
                        .split("Expected '='")[0],
                    )
                else:
                    trace.add(
                        files, {key: value.replace(parent, "BASE") for key, value in found.items()}
                    )
        file = base / "file.py"
        file.write_text("")
        for bad in (str(file), str(base / "missing")):
            try:
                resolve_module(bad)
            except RuntimeError as error:
                trace.add(str(error).replace(parent, "BASE"))
    for bad_kind in (5, None, Path("/")):
        await trace.call("no text", resolve_module, bad_kind)
