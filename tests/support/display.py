"""A virtual X display with a window manager, for what headless Chromium cannot do."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType

from tests.support.limits import WAIT_S

PROGRAMS = ("Xvfb", "openbox", "xdotool")


class Display:
    """Xvfb and openbox on a free display; ``xdotool`` is the mouse and the keyboard.

    Raises RuntimeError naming what is not installed.
    """

    def __init__(self, width_px: int = 1400, height_px: int = 900) -> None:
        missing = [program for program in PROGRAMS if not shutil.which(program)]
        if missing:
            raise RuntimeError(
                f"{', '.join(missing)} not found. On Debian: apt-get install xvfb openbox xdotool"
            )
        read, write = os.pipe()
        screen = ["-screen", "0", f"{width_px}x{height_px}x24", "-nolisten", "tcp"]
        self._server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write), *screen],
            pass_fds=[write],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(write)
        with os.fdopen(read) as pipe:
            number = pipe.readline().strip()
        if not number:
            self._server.wait(5)
            raise RuntimeError(f"Xvfb did not start (exit code {self._server.returncode})")
        self.name = f":{number}"
        self.env = {**os.environ, "DISPLAY": self.name}
        self._manager = subprocess.Popen(
            ["openbox"], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def xdotool(self, *arguments: str | int) -> str:
        """Run one xdotool command and return what it printed. Raises CalledProcessError."""
        command = ["xdotool", *map(str, arguments)]
        done = subprocess.run(
            command, env=self.env, check=True, capture_output=True, text=True, timeout=20
        )
        return done.stdout.strip()

    def click(self, x_px: int, y_px: int, button: int = 1, times: int = 1) -> None:
        """Click at a place of the screen; button 3 is the right one."""
        self.xdotool("mousemove", x_px, y_px)
        time.sleep(0.1)
        self.xdotool("click", "--repeat", times, "--delay", 60, button)

    def open_menu(self, x_px: int, y_px: int) -> None:
        """Right-click and wait for the menu, a window of its own. Raises TimeoutError."""
        before = self.windows()
        self.click(x_px, y_px, button=3)
        end = time.monotonic() + WAIT_S
        while not self.windows() - before:
            if time.monotonic() > end:
                raise TimeoutError("no menu after the right click")
            time.sleep(0.1)
        time.sleep(0.3)  # it takes keys only once it has grabbed the keyboard

    def windows(self) -> set[str]:
        """The ids of all visible windows, menus included."""
        return set(self.xdotool("search", "--onlyvisible", "--name", ".*").split())

    def keys(self, *names: str, pause_s: float = 0.08) -> None:
        """Press keys one after the other, such as ``Down`` or ``ctrl+shift+y``."""
        for name in names:
            self.xdotool("key", name)
            time.sleep(pause_s)

    def screenshot(self, path: Path) -> None:
        """The whole screen as PNG (needs ImageMagick)."""
        subprocess.run(
            ["import", "-window", "root", str(path)], env=self.env, check=True, timeout=30
        )

    def close(self) -> None:
        """End both processes."""
        for process in (self._manager, self._server):
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)

    def __enter__(self) -> Display:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
