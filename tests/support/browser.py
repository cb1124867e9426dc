"""Real Chromium with the extension, its real side panel, and the ways to hurt both."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from playwright.sync_api import BrowserContext, CDPSession, Page, Playwright, Worker
from playwright.sync_api import Error as PlaywrightError

from tests.support.display import Display
from tests.support.limits import WAIT_MS, WAIT_S
from tests.support.netlog import NOWHERE, NetLog, is_finished, read_net_log
from tests.support.traffic import NetworkRecorder

ROOT = Path(__file__).resolve().parents[2]
EXTENSION = Path(os.environ.get("SIDELIGHT_DIST", ROOT / "dist"))
#: Software WebGPU; without it the adapter is null, which is the "no GPU" case.
WEBGPU_FLAGS = ("--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader")
#: The last such switch wins, so what Playwright switches off is named again; the others are
#: ours: form fields, models for Chromium's own features, pages behind its address bar.
_FEATURES_OFF = (
    "AimEnabled",
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "PreloadTopChromeWebUI",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
    "AutofillServerCommunication",
    "OptimizationGuideModelExecution",
    "Translate",
)
QUIET_FLAGS = (
    "--no-first-run",
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--disable-quic",
    "--metrics-recording-only",
    "--no-pings",
    "--password-store=basic",
    "--safebrowsing-disable-auto-update",
    f"--disable-features={','.join(_FEATURES_OFF)}",
    # The account list at start and components on demand have no switch: they go to no server.
    f"--gaia-url=http://{NOWHERE}",
    f"--component-updater=url-source=http://{NOWHERE}",
)
T = TypeVar("T")


@dataclass
class Options:
    """How to start. ``profile`` is kept when given; else the browser gets a throw-away one.

    ``record``: everything that is asked of the network, by DevTools protocol and by net log.
    """

    webgpu: bool = True
    profile: Path | None = None
    display: Display | None = None
    record: bool = False
    extension: Path = EXTENSION
    flags: tuple[str, ...] = ()
    language: str = "en-US"
    more_extensions: list[Path] = field(default_factory=list)


def wait_until(what: Callable[[], T | None], timeout_s: float = WAIT_S, every_s: float = 0.05) -> T:
    """Call until the answer is true and return it. Raises TimeoutError with the last answer."""
    end = time.monotonic() + timeout_s
    while True:
        answer = what()
        if answer:
            return answer
        if time.monotonic() > end:
            raise TimeoutError(f"still {answer!r} after {timeout_s} s")
        time.sleep(every_s)


class Browser:
    """One running Chromium with Sidelight loaded. A context manager."""

    def __init__(self, playwright: Playwright, options: Options | None = None) -> None:
        self.options = options = options or Options()
        if not (options.extension / "manifest.json").exists():
            raise RuntimeError(f"no extension in {options.extension}: run ./dev build first")
        self._playwright = playwright
        self._own_profile = options.profile is None
        self.profile = options.profile or Path(tempfile.mkdtemp(prefix="sidelight-profile-"))
        self.profile.mkdir(parents=True, exist_ok=True)
        (self.profile / "DevToolsActivePort").unlink(missing_ok=True)
        self._alive = True
        self._outside: Any = None
        self.pid: int | None = None
        self.recorder: NetworkRecorder | None = None
        #: What the whole browser did; there once it is closed, if it was recorded.
        self.net_log: NetLog | None = None
        self.killed = False
        self._log_folder = Path(tempfile.mkdtemp(prefix="sidelight-log-"))
        self.context = self._launch()
        try:
            self._connect()
        except BaseException:
            self.close()
            raise

    def _connect(self) -> None:
        port, path = wait_until(self._port_file)
        self.cdp_url = f"http://127.0.0.1:{port}"
        self.websocket_url = f"ws://127.0.0.1:{port}{path}"
        if self.options.record:
            self.recorder = NetworkRecorder(self.websocket_url)
        browser = self.context.browser
        assert browser is not None
        self.cdp: CDPSession = browser.new_browser_cdp_session()
        self.pid = self._browser_pid()
        self.extension_id = self._find_extension()

    def _launch(self) -> BrowserContext:
        options = self.options
        folders = ",".join(str(path) for path in [options.extension, *options.more_extensions])
        flags = [
            "--no-sandbox",
            *QUIET_FLAGS,
            *(WEBGPU_FLAGS if options.webgpu else ()),
            f"--disable-extensions-except={folders}",
            f"--load-extension={folders}",
            "--remote-debugging-port=0",
            f"--lang={options.language}",
            *([f"--log-net-log={self._log_file}"] if options.record else []),
            *(["--window-size=1280,860"] if options.display else []),
            *options.flags,
        ]
        context = self._playwright.chromium.launch_persistent_context(
            str(self.profile),
            executable_path=_chromium(),
            headless=options.display is None,
            args=flags,
            env=dict(options.display.env) if options.display else dict(os.environ),
            no_viewport=True,
        )
        context.set_default_timeout(WAIT_MS)
        return context

    @property
    def _log_file(self) -> Path:
        return self._log_folder / "net-log.json"

    def _port_file(self) -> tuple[int, str] | None:
        """Chromium writes the port it chose; the file may be half written when first seen."""
        try:
            port, path = (self.profile / "DevToolsActivePort").read_text().splitlines()[:2]
        except (FileNotFoundError, ValueError):
            return None
        return int(port), path

    def _browser_pid(self) -> int:
        processes = self.cdp.send("SystemInfo.getProcessInfo")["processInfo"]
        return int(next(process["id"] for process in processes if process["type"] == "browser"))

    def _find_extension(self) -> str:
        name = json.loads((self.options.extension / "manifest.json").read_text())["name"]

        def workers() -> list[Worker]:
            self.targets("service_worker")  # Playwright hears of new workers only while it is used
            return self.context.service_workers

        for worker in wait_until(workers):
            with contextlib.suppress(PlaywrightError):
                if worker.evaluate("chrome.runtime.getManifest().name") == name:
                    return worker.url.split("/")[2]
        raise RuntimeError(f"the extension {name} did not start")

    # ---------------------------------------------------------------- the extension

    def extension_url(self, path: str) -> str:
        """Address of a file of the extension."""
        return f"chrome-extension://{self.extension_id}/{path}"

    @property
    def service_worker(self) -> Worker:
        """The background worker; the same handle serves its next life."""
        prefix = self.extension_url("")
        return next(w for w in self.context.service_workers if w.url.startswith(prefix))

    def extension_page(self) -> Page:
        """A page of the extension in a tab, to send messages as the panel would."""
        page = self.context.new_page()
        page.goto(self.extension_url("manifest.json"))
        return page

    def targets(self, kind: str) -> list[dict[str, Any]]:
        """DevTools targets of one type: page, tab, service_worker, background_page, worker."""
        found = self.cdp.send("Target.getTargets", {"filter": [{"type": kind}]})
        return list(found["targetInfos"])

    def contexts(self, kind: str) -> list[dict[str, Any]]:
        """``chrome.runtime.getContexts`` of one type, such as SIDE_PANEL."""
        found = self.worker_evaluate(
            "kind => chrome.runtime.getContexts({contextTypes: [kind]})", kind
        )
        return list(found)

    def worker_evaluate(self, expression: str, argument: Any = None) -> Any:
        """Evaluate in the background worker, again if it dies or starts meanwhile."""
        for _ in range(20):
            try:
                return self.service_worker.evaluate(expression, argument)
            except PlaywrightError as error:
                if "restarted" not in error.message and "closed" not in error.message:
                    raise
                time.sleep(0.1)
        raise RuntimeError("the background worker does not stay alive")

    def click_action(self, page: Page) -> None:
        """Click the toolbar icon on a page's tab: a true gesture that grants activeTab."""
        page.bring_to_front()
        tab = self._tab_target(page)
        self.cdp.send("Extensions.triggerAction", {"id": self.extension_id, "targetId": tab})

    def _tab_target(self, page: Page) -> str:
        """The tab target that holds a page, known by its address."""
        session = self.context.new_cdp_session(page)
        target_id = session.send("Target.getTargetInfo")["targetInfo"]["targetId"]
        session.detach()
        url = next(t["url"] for t in self.targets("page") if t["targetId"] == target_id)
        tabs = [tab for tab in self.targets("tab") if tab["url"] == url]
        if len(tabs) != 1:
            raise RuntimeError(f"{len(tabs)} tabs show {url!r}: one is needed")
        return str(tabs[0]["targetId"])

    def open_panel(self, page: Page) -> Page:
        """Click the toolbar icon on the page's tab and return the real side panel as a page."""
        self.click_action(page)
        return self.panel_page()

    def panel_page(self, timeout_s: float = WAIT_S) -> Page:
        """The real side panel, whoever opened it: no tab, so a second connection has it."""
        wait_until(lambda: self.contexts("SIDE_PANEL"), timeout_s)
        if self._outside is None:
            self._outside = self._playwright.chromium.connect_over_cdp(self.cdp_url)
        prefix = self.extension_url("sidepanel/")

        def find() -> Page | None:
            # Playwright hears of new pages only while it is being used.
            self.context.pages[0].wait_for_timeout(20)
            found = [p for p in self._outside.contexts[0].pages if p.url.startswith(prefix)]
            tabs = sum(p.url.startswith(prefix) for p in self.context.pages)
            if tabs:
                raise RuntimeError("the panel's page is also open as a tab: which one is meant?")
            return next((p for p in reversed(found) if not p.is_closed()), None)

        return wait_until(find, timeout_s)

    def panel_is_open(self) -> bool:
        """Whether any window shows the side panel."""
        return bool(self.contexts("SIDE_PANEL"))

    def close_panel(self) -> None:
        """Close the side panel as its close button does."""
        self.panel_page().evaluate("window.close()")
        wait_until(lambda: not self.panel_is_open())
        # The connection that saw this panel does not hear of the next one.
        self._outside.close()
        self._outside = None

    # ---------------------------------------------------------------- harm

    def kill_service_worker(self) -> None:
        """End the background worker at once; the next event starts it again."""
        prefix = self.extension_url("")
        running = [t for t in self.targets("service_worker") if t["url"].startswith(prefix)]
        for target in running:
            self.cdp.send("Target.closeTarget", {"targetId": target["targetId"]})

    def kill(self) -> None:
        """SIGKILL the browser, as a crash or a power switch would."""
        assert self.pid is not None
        os.kill(self.pid, signal.SIGKILL)
        self._alive, self.killed = False, True
        self._release()

    def close(self) -> None:
        """Close the browser and read its log; a throw-away profile is deleted."""
        if self._alive:
            self._alive = False
            self._release()
        # A browser on its way out still writes: its log, and files into a deleted profile.
        if self._log_folder.exists():
            with contextlib.suppress(TimeoutError):
                wait_until(lambda: not _is_running(self.pid), 30)
                if self.options.record:
                    wait_until(lambda: is_finished(self._log_file), 2 if self.killed else WAIT_S)
            if self._log_file.exists():
                self.net_log = read_net_log(self._log_file)
            shutil.rmtree(self._log_folder)
        if self._own_profile:
            shutil.rmtree(self.profile, ignore_errors=True)

    def _release(self) -> None:
        if self.recorder:
            self.recorder.stop()
        for thing in (self._outside, self.context):
            if thing is not None:
                with contextlib.suppress(PlaywrightError):
                    thing.close()

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _is_running(pid: int | None) -> bool:
    """Whether a process is there and not just waiting to be collected by its parent."""
    try:
        return pid is not None and ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def _chromium() -> str:
    """Path of the browser; the environment variable CHROMIUM names another. Raises RuntimeError."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise RuntimeError("Chromium was not found. On Debian: apt-get install chromium")


@contextlib.contextmanager
def changed_manifest(source: Path, **changes: Any) -> Iterator[Path]:
    """A copy of the extension with other manifest keys, such as host_permissions."""
    with tempfile.TemporaryDirectory(prefix="sidelight-extension-") as folder:
        copy = Path(folder) / "extension"
        shutil.copytree(source, copy)
        manifest = copy / "manifest.json"
        manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **changes}))
        yield copy


def loosened(extension: Path) -> Path:
    """Let a copy's panel and background worker keep the network, as ``leak``: for controls."""
    for script in ("background/index.js", "sidepanel/index.js"):
        file = extension / script
        file.write_text(f"globalThis.leak = fetch.bind(globalThis);\n{file.read_text()}")
    page = extension / "sidepanel/index.html"
    page.write_text(page.read_text().replace("http-equiv", "data-control"))
    return extension
