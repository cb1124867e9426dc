"""Do the generated programs find faults? Each fault below is planted into a copy of our engine."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.kernel.engines import Engine
from tests.kernel.generating import SEED, compare_generated
from tools.python_bundle.bundle import kernel_folder

if TYPE_CHECKING:
    from pathlib import Path

CASES = 1000

#: file, what is there, what is put there instead
FAULTS: list[tuple[str, str, str]] = [
    ("hooks.py", "insort_right(", "__import__('bisect').insort_left("),
    ("hooks.py", "{**self.__defaults, **crossed, ", "{**crossed, **self.__defaults, "),
    ("hooks.py", "range(len(self.__order) - 1, -1, -1)", "range(len(self.__order))"),
    ("hooks.py", "stamp_request_id(event, crossed)", "None"),
    ("dispatch.py", "copy_of(text))", "_shared(text))"),
    ("dispatch.py", "asking = asking or fields", "asking = fields"),
    ("dispatch.py", 'if fields["data"] is not None:\n    ', 'if fields["data"]:\n    '),
    ("dispatch.py", 'if action == "deny":', 'if action == "denied":'),
    ("hook_results.py", "            continue\n", "            raise InvalidJson(key)\n"),
    ("injections.py", '"hook_name": hook_name, "event": event}', '"event": event}'),
    ("injections.py", '["context_injection"] is not None:', '["context_injection"]:'),
    ("hook_processing.py", "tokens = chars // 4", "tokens = (chars + 3) // 4"),
    ("hook_processing.py", '["content"]) > limit:', '["content"]) >= limit:'),
    ("cancellation.py", "child.__apply(self.__state)", "None"),
    ("cancellation.py", "self.__running.clear()", "None"),
    ("coordinator.py", "for cleanup in reversed(cleanups):", "for cleanup in cleanups:"),
    ("coordinator.py", "if fatal is None and not isinstance(error, Exception):", "if False:"),
    ("session.py", "first, self.__started = not self.__started, True", "first = True"),
    ("session.py", "self.__emit_cancelled(problem)", "self.__emit_cancelled(None)"),
    ("crossing.py", "if -(2**63) <= number < 2**64:", "if True:"),
]

SHARED = """

_SHARED: dict[str, object] = {}


def _shared(text):
    return _SHARED.setdefault(text, copy_of(text))
"""


@pytest.mark.campaign
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("file", "there", "instead"), FAULTS, ids=lambda text: text[:40])
def test_generated_programs_find_a_planted_fault(
    file: str, there: str, instead: str, native: Engine, tmp_path: Path
) -> None:
    copy = tmp_path / "kernel"
    shutil.copytree(kernel_folder(), copy)
    source = copy / "amplifier_core/_engine" / file
    text = source.read_text()
    assert text.count(there) >= 1, "the place for the fault has moved"
    source.write_text(text.replace(there, instead) + (SHARED if "_shared(" in instead else ""))
    faulty = Engine("ours", copy)
    try:
        with pytest.raises((AssertionError, BaseExceptionGroup), match=r"native|broke|program"):
            compare_generated(native, faulty, cases=CASES, seed=SEED, shrink=False)
    finally:
        faulty.close()
