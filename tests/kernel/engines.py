"""The engines under comparison, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.pyodide.selection import ROOT
from tests.support.limits import WAIT_S
from tools.python_bundle.bundle import kernel_folder

if TYPE_CHECKING:
    from pathlib import Path


class Engine:
    """A worker process with the native engine or with ours."""

    def __init__(self, name: str, folder: Path | None = None) -> None:
        """Start the worker. `name` is "native" or "ours"; `folder` holds another build of ours."""
        path = [str(ROOT)]
        if name == "ours":
            path.insert(0, str(folder or kernel_folder()))
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kernel.worker"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path), "PYTHONHASHSEED": "0"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.engine_file: str = self._read()["engine"]

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to one request; RuntimeError if the process died."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the {self.name} engine's process died ({self._process.poll()})")
        found: dict[str, Any] = json.loads(line)
        return found

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=WAIT_S)


def run_script(script: str, folder: Path | None = None) -> str:
    """Run `script` in a fresh interpreter, native unless `folder` holds ours; return its output."""
    path = [str(ROOT)] if folder is None else [str(folder), str(ROOT)]
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=WAIT_S,
        check=False,
    )
    return done.stdout
