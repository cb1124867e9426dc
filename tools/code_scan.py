"""What packaged scripts and pages could run, fetch, write as markup or log: each place is known.

The content security policy is the boundary; this scan keeps the code from leaning on it. A finding
is allowed only by ``tools/allowed_code.json``, which names it by SHA-256 with a reason; an entry
that allows nothing is a finding itself.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
ALLOWED = ROOT / "tools/allowed_code.json"
SCRIPTS = (".js", ".mjs")
AROUND_CHARS = 80

_JS_RULES = {
    "eval": r"(?<![\w$-])eval(?![\w$-])",
    "function_from_text": (
        r"(?<![\w$])(?<!WebAssembly\.)(?:Async|Generator|AsyncGenerator)?Function\s*\("
        r"|new\s+Function\b|\.constructor\(\s*[\"'`]|\bset(?:Timeout|Interval)\(\s*[\"'`]"
    ),
    "import_scripts": r"\bimportScripts\b",
    "dynamic_import": r"(?<![\w$.])import\s*\(",
    "markup": (
        r"\b(?:innerHTML|outerHTML|srcdoc)\s*\+?=(?!=)|\binsertAdjacentHTML\b"
        r"|\bdocument\s*\.\s*write|\bcreateContextualFragment\b|\bset(?:HTMLUnsafe|HTML)\b"
        r"|\bparseFromString\b|\bparseHTMLUnsafe\b"
    ),
    "remote_address": r"\b(?:https?|wss?)://",
    "network": (
        r"(?<![\w$])fetch\s*\(|\bXMLHttpRequest\b|\bWebSocket\b|\bEventSource\b"
        r"|\bRTCPeerConnection\b|\bWebTransport\b|\bsendBeacon\b"
    ),
    "console": r"(?<![\w$])console\b",
}
JS_RULES = {name: re.compile(pattern) for name, pattern in _JS_RULES.items()}
#: esbuild says where each part of a bundle comes from.
_MODULE = re.compile(r"^\s*// ((?:node_modules|background|offscreen|sidepanel|shared)/\S+)$")
_INLINE_COMMENT = re.compile(r"/\*.*?\*/")


class Finding(NamedTuple):
    """One place: packaged file, source module it came from, rule, and the piece of code."""

    file: str
    module: str
    rule: str
    piece: str

    @property
    def sha256(self) -> str:
        """Name of the piece in the allow-list."""
        return hashlib.sha256(self.piece.encode()).hexdigest()


def _piece(rule: str, line: str, start: int, end: int) -> str:
    """The line around a match. esbuild numbers clashing names, so a name's last digits go."""
    cut = " ".join(line[max(0, start - AROUND_CHARS) : end + AROUND_CHARS].split())
    return cut if rule == "remote_address" else re.sub(r"(?<=[A-Za-z_$])\d+\b", "", cut)


def _code_lines(text: str) -> list[tuple[str, str]]:
    """(module, line without comments) for each line of esbuild's readable output."""
    found = []
    module, in_comment = "", False
    for line in text.splitlines():
        if header := _MODULE.match(line):
            module = header[1]
        bare = line.strip()
        if in_comment:
            in_comment = "*/" not in bare
            continue
        if bare.startswith("//"):
            continue
        if bare.startswith("/*") and "*/" not in bare:
            in_comment = True
            continue
        if "/*" in line and JS_RULES["dynamic_import"].search(line):
            line = _INLINE_COMMENT.sub("", line)
        found.append((module, line))
    return found


def _counts(text: str) -> Counter[str]:
    return Counter({name: len(rule.findall(text)) for name, rule in JS_RULES.items()})


def without_comments(paths: list[Path]) -> dict[Path, str]:
    """Each script as esbuild prints it without comments. Raises CalledProcessError on bad code."""
    done = subprocess.run(
        ["node", "tools/code_scan.mjs"],
        cwd=ROOT,
        input="\n".join(map(str, paths)),
        capture_output=True,
        text=True,
        check=True,
    )
    return {Path(path): text for path, text in json.loads(done.stdout).items()}


def scan_script(file: str, text: str, bare: str) -> list[Finding]:
    """Findings in a readable script; ``bare`` is the same without comments, to count them again."""
    found = []
    for module, line in _code_lines(text):
        for rule, pattern in JS_RULES.items():
            for match in pattern.finditer(line):
                piece = _piece(rule, line, match.start(), match.end())
                found.append(Finding(file, module or file, rule, piece))
    seen = Counter(finding.rule for finding in found)
    for rule, count in _counts(bare).items():
        if seen[rule] != count:
            piece = f"{seen[rule]} seen by line, {count} in the code: the scan cannot read this"
            found.append(Finding(file, file, rule, piece))
    return found


class _Page(HTMLParser):
    """Collects what a page of the extension may not hold."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self.file = file
        self.found: list[Finding] = []
        self.in_script = False

    def _add(self, rule: str, piece: str) -> None:
        self.found.append(Finding(self.file, self.file, rule, piece))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Event handlers, addresses outside the package, elements that load or redirect."""
        self.in_script = tag == "script"
        for name, value in attrs:
            written = f'<{tag} {name}="{value}">'
            if name.startswith("on") or name == "srcdoc" or name == "style":
                self._add("inline_code", written)
            if name in ("src", "href", "action", "formaction", "data", "content"):
                if re.match(r"\s*(?:[a-z][a-z0-9+.-]*:|//)", value or "", re.IGNORECASE):
                    self._add("remote_address", written)
        if tag in ("base", "iframe", "object", "embed", "form", "style"):
            self._add("inline_code", f"<{tag}>")

    def handle_data(self, data: str) -> None:
        """Script text inside the page."""
        if self.in_script and data.strip():
            self._add("inline_code", " ".join(data.split())[: 2 * AROUND_CHARS])

    def handle_endtag(self, tag: str) -> None:
        """A script ends."""
        self.in_script = False


def scan_page(file: str, text: str) -> list[Finding]:
    """Findings in an HTML file."""
    page = _Page(file)
    page.feed(text)
    page.close()
    return page.found


def load_allowed(path: Path = ALLOWED) -> dict[str, Any]:
    """``{"files": [{file, sha256, reason}], "pieces": [{module, rule, reason, pieces}]}``."""
    allowed: dict[str, Any] = json.loads(path.read_text())
    return allowed


def judge(folder: Path, allowed: dict[str, Any]) -> list[str]:
    """Complaints about a development build (readable bundles), one sentence each."""
    return _judge(*scan(folder, allowed), allowed)


def scan(folder: Path, allowed: dict[str, Any]) -> tuple[list[Finding], list[str]]:
    """Findings in all files but those allowed whole, and complaints about the latter."""
    whole = {entry["file"]: entry for entry in allowed["files"]}
    complaints = [f"{name} is allowed but not packaged" for name in whole]
    found: list[Finding] = []
    scripts = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if name in whole:
            complaints.remove(f"{name} is allowed but not packaged")
            if hashlib.sha256(path.read_bytes()).hexdigest() != whole[name]["sha256"]:
                complaints.append(f"{name} is not the file that was looked at")
        elif path.suffix in SCRIPTS:
            scripts.append(path)
        elif path.suffix in (".html", ".htm", ".xhtml", ".svg"):
            found.extend(scan_page(name, path.read_text()))
    for path, bare in without_comments(scripts).items():
        found.extend(scan_script(path.relative_to(folder).as_posix(), path.read_text(), bare))
    return found, complaints


def _judge(found: list[Finding], complaints: list[str], allowed: dict[str, Any]) -> list[str]:
    complaints += [
        f"{entry.get('file', entry.get('module'))}: no reason is given"
        for entry in [*allowed["files"], *allowed["pieces"]]
        if len(entry["reason"].split()) < 4
    ]
    known = {
        (entry["module"], entry["rule"], sha)
        for entry in allowed["pieces"]
        for sha in entry["pieces"]
    }
    met = {(f.module, f.rule, f.sha256) for f in found}
    complaints += sorted(
        {
            f"{f.file}: {f.rule} in {f.module}: {f.piece} [{f.sha256}]"
            for f in found
            if (f.module, f.rule, f.sha256) not in known
        }
    )
    complaints += [
        f"{module}: {rule} {sha} is allowed but no longer there"
        for module, rule, sha in sorted(known - met)
    ]
    return complaints


def judge_release(release: Path, development: Path, allowed: dict[str, Any]) -> list[str]:
    """Complaints about a minified build: no script holds more of a kind than its readable twin."""
    _, complaints = scan(release, allowed)
    whole = {entry["file"] for entry in allowed["files"]}

    def names(folder: Path) -> list[Path]:
        scripts = [p for p in folder.rglob("*") if p.suffix in SCRIPTS]
        return sorted(p for p in scripts if p.relative_to(folder).as_posix() not in whole)

    twins = {
        path.relative_to(development): _counts(text)
        for path, text in without_comments(names(development)).items()
    }
    for path, text in without_comments(names(release)).items():
        name = path.relative_to(release)
        more = _counts(text) - twins.get(name, Counter())
        complaints += [
            f"{name}: {count} more {rule} than in the development build"
            for rule, count in more.items()
        ]
    return complaints
