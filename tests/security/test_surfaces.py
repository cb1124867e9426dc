"""The manifest and the packaged code open no door that is not named, and each check can fail."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.security.manifest_rules import (
    SANDBOX_POLICY,
    document_findings,
    first_import_findings,
    manifest_findings,
    permission_findings,
    policy_findings,
    shipped_code,
)
from tests.support.browser import EXTENSION
from tools.code_scan import (
    Finding,
    judge,
    judge_release,
    load_allowed,
    scan_page,
    scan_script,
    without_comments,
)

pytestmark = pytest.mark.contract
ROOT = Path(__file__).resolve().parents[2]
SOURCE: dict[str, Any] = json.loads((ROOT / "manifest.json").read_text())
DOCUMENT = (ROOT / "docs/permissions.md").read_text()
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; "
    "frame-src 'self'; connect-src 'self' blob: http: https:; "
    "img-src 'self' data: blob:; style-src 'self'; base-uri 'none'; form-action 'none'"
)


@pytest.fixture(scope="module")
def code() -> dict[str, str]:
    """Our own scripts without comments."""
    return shipped_code(ROOT)


@pytest.fixture(scope="module")
def packaged() -> dict[str, Any]:
    """The manifest as it is packaged."""
    manifest: dict[str, Any] = json.loads((EXTENSION / "manifest.json").read_text())
    return manifest


# -------------------------------------------------------------------- the manifest


def test_the_manifest_opens_no_other_door(packaged: dict[str, Any]) -> None:
    assert packaged == SOURCE, "dist/ is not this manifest: run ./dev build"
    assert manifest_findings(packaged) == []


DOORS: dict[str, tuple[dict[str, Any], str]] = {
    "pages": ({"externally_connectable": {"matches": ["https://*/*"]}}, "externally_connectable"),
    "sandbox": ({"sandbox": {"pages": ["sandbox.html"]}}, "sandbox.html is sandboxed"),
    "content_scripts": ({"content_scripts": [{"matches": ["<all_urls>"]}]}, "content_scripts"),
    "resources": (
        {"web_accessible_resources": [{"resources": ["*"], "matches": ["<all_urls>"]}]},
        "web pages may load *",
    ),
    "incognito": ({"incognito": "spanning"}, "private windows"),
}


@pytest.mark.parametrize("name", DOORS)
def test_a_new_door_is_seen(name: str) -> None:
    change, complaint = DOORS[name]
    found = manifest_findings({**SOURCE, **change})
    assert any(complaint in finding for finding in found), found


def test_the_policy_is_exact_and_strict(packaged: dict[str, Any]) -> None:
    assert packaged["content_security_policy"] == {
        "extension_pages": POLICY,
        "sandbox": SANDBOX_POLICY,
    }
    assert policy_findings(packaged["content_security_policy"]) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("'wasm-unsafe-eval'", "'wasm-unsafe-eval' 'unsafe-eval'", "lets in 'unsafe-eval'"),
        ("script-src 'self'", "script-src 'self' blob:", "script-src lets in blob:"),
        ("connect-src 'self'", "connect-src 'self' ws:", "connect-src lets in ws:"),
        ("img-src 'self'", "img-src *", "img-src lets in *"),
        ("style-src 'self'", "style-src 'self' 'unsafe-inline'", "lets in 'unsafe-inline'"),
        ("script-src 'self' 'wasm-unsafe-eval'; ", "", "script-src is not said"),
        ("; form-action 'none'", "", "form-action is not said"),
    ],
)
def test_a_looser_policy_is_seen(old: str, new: str, complaint: str) -> None:
    assert old in POLICY
    found = policy_findings(
        {"extension_pages": POLICY.replace(old, new), "sandbox": SANDBOX_POLICY}
    )
    assert any(complaint in finding for finding in found), found


def test_a_policy_for_other_pages_is_seen() -> None:
    loose = {"extension_pages": POLICY, "sandbox": SANDBOX_POLICY, "isolated_world": POLICY}
    assert policy_findings(loose) == [
        "policies for ['extension_pages', 'isolated_world', 'sandbox']"
    ]
    looser = SANDBOX_POLICY.replace("connect-src 'none'", "connect-src https:")
    assert policy_findings({"extension_pages": POLICY, "sandbox": looser}) == [
        "the sandbox has another policy"
    ]


ENTRIES = (
    "background/index.js",
    "sidepanel/index.js",
    "offscreen/index.js",
    "offscreen/engine/worker.js",
    "offscreen/storage/worker.js",
    "offscreen/network/worker.js",
)


def test_every_script_but_one_starts_without_the_network() -> None:
    built = (ROOT / "build.mjs").read_text()
    for name in re.findall(r'": "((?:background|sidepanel|offscreen)/[\w/]+\.js)"', built):
        # The page's reader runs in the page; Python's two scripts in the sandbox.
        assert name in ENTRIES or name.startswith(("background/extract/", "offscreen/python/"))
    # Comments may stand before the import.
    code = without_comments([ROOT / name for name in ENTRIES])
    scripts = {path.relative_to(ROOT).as_posix(): text for path, text in code.items()}
    assert first_import_findings(scripts, {"offscreen/network/worker.js"}) == []
    assert first_import_findings(scripts, set()) == [
        "offscreen/network/worker.js does not import shared/no-network.js first"
    ]


def test_the_documents_may_only_connect_to_the_package() -> None:
    rule = """<meta http-equiv="Content-Security-Policy" content="connect-src 'self' blob:">"""
    for page in ("sidepanel/index.html", "offscreen/index.html"):
        text = (EXTENSION / page).read_text()
        assert rule in text, page
        assert text.index(rule) < text.index("<script"), page


# -------------------------------------------------------------------- permissions


def test_each_permission_is_used_and_enough(code: dict[str, str]) -> None:
    assert permission_findings(SOURCE, code) == []


@pytest.mark.parametrize("name", SOURCE["permissions"])
def test_a_permission_without_use_or_a_use_without_permission_is_seen(
    code: dict[str, str], name: str
) -> None:
    """Without its code the permission is idle; without the permission its code is not allowed."""
    calls = {
        "activeTab": r"chrome\.action\.onClicked",
        "unlimitedStorage": r"\bopenDB\(",
    }
    pattern = calls.get(name, rf"chrome\.{name}\.")
    less = {file: re.sub(pattern, "chrome.runtime.", text) for file, text in code.items()}
    assert f"{name} is asked for but not used" in permission_findings(SOURCE, less)
    if name in calls:
        return  # these two have no namespace of their own
    rest = [other for other in SOURCE["permissions"] if other != name]
    found = permission_findings({**SOURCE, "permissions": rest}, code)
    assert any(f"uses chrome.{name} without" in finding for finding in found), found


def test_an_idle_permission_and_hidden_use_are_seen(code: dict[str, str]) -> None:
    more = {**SOURCE, "permissions": [*SOURCE["permissions"], "history"]}
    assert permission_findings(more, code) == ["history is asked for but not used"]
    for text in ("globalThis.chrome?.cookies.getAll({})", "browser.cookies.getAll({})"):
        found = permission_findings(SOURCE, {**code, "x.js": text})
        assert found == ["x.js uses chrome.cookies without its permission"]
    for text in ("const {cookies}=chrome;", "use(chrome)", 'chrome["cookies"].getAll({})'):
        found = permission_findings(SOURCE, {**code, "x.js": text})
        assert found == ["x.js takes chrome whole: what it uses cannot be seen"], text


def test_each_permission_is_explained() -> None:
    assert document_findings(SOURCE, DOCUMENT) == []


def test_an_unexplained_permission_is_seen() -> None:
    more = copy.deepcopy(SOURCE)
    more["permissions"].append("history")
    more["host_permissions"] = ["https://example.com/*"]
    assert document_findings(more, DOCUMENT) == [
        "history is not explained",
        "https://example.com/* is not explained",
    ]
    more["permissions"] = [name for name in SOURCE["permissions"] if name != "scripting"]
    assert "scripting is explained, not asked for" in document_findings(more, DOCUMENT)
    short = DOCUMENT.replace("- **Without it:**", "-", 1)
    assert any("nothing under Without it" in found for found in document_findings(SOURCE, short))


# -------------------------------------------------------------------- packaged code


def test_packaged_code_holds_only_what_was_looked_at() -> None:
    assert judge(EXTENSION, load_allowed()) == []


PLANTED = {
    "eval": ["eval('1')", "globalThis.eval(x)", "(0, eval)(x)"],
    "function_from_text": [
        "new Function('return 1')",
        "Function('return 1')()",
        "(() => {}).constructor('return 1')()",
        "AsyncFunction(x)",
        "setTimeout('run()', 1)",
    ],
    "import_scripts": ["importScripts(x)"],
    "dynamic_import": ["import(x)", "await import('data:text/javascript,1')"],
    "markup": [
        "node.innerHTML = x",
        "node.outerHTML += x",
        "node.insertAdjacentHTML('beforeend', x)",
        "document.write(x)",
        "frame.srcdoc = x",
        "node.setHTMLUnsafe(x)",
        "new DOMParser().parseFromString(x, 'text/html')",
        "range.createContextualFragment(x)",
    ],
    "remote_address": ["load('https://cdn.example/x.wasm')", "load(`http://${x}/x.js`)"],
    "network": ["fetch(x)", "new XMLHttpRequest()", "new RTCPeerConnection()", "a.sendBeacon(x)"],
    "console": ["console.log(request.body)", "promise.catch(console.error)"],
}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], list[Finding]]:
    """(rule, piece) -> findings in a script that holds the piece."""
    folder = tmp_path_factory.mktemp("planted")
    files = {}
    for rule, pieces in PLANTED.items():
        for number, piece in enumerate(pieces):
            file = folder / f"{rule}-{number}.js"
            file.write_text(f"/**\n * eval(x)\n */\n// console.log(x)\n{piece};\n")
            files[file] = (rule, piece)
    return {
        files[file]: scan_script(file.name, file.read_text(), bare)
        for file, bare in without_comments(list(files)).items()
    }


def test_each_planted_piece_is_seen_once_and_comments_are_not(
    planted: dict[tuple[str, str], list[Finding]],
) -> None:
    seen = {key: sorted({f.rule for f in found}) for key, found in planted.items()}
    for (rule, piece), rules in seen.items():
        assert rule in rules, (rule, piece, rules)
        assert not set(rules) - {rule, "remote_address"}, (piece, rules)


def test_code_that_the_line_reader_misses_is_seen() -> None:
    """A call made to look like a comment: both counts differ, and that is a finding."""
    text = "const a = `\n// ${eval(x)}`;\n"
    (found,) = scan_script("x.js", text, text)
    assert "the scan cannot read this" in found.piece


@pytest.mark.parametrize(
    "page",
    [
        "<script>run()</script>",
        "<button onclick='run()'>x</button>",
        "<script src='https://cdn.example/x.js'></script>",
        "<script src='//cdn.example/x.js'></script>",
        "<a href='javascript:run()'>x</a>",
        "<iframe src='x.html'></iframe>",
        "<p style='x'>",
        "<base href='/x'>",
    ],
)
def test_a_page_with_code_or_a_remote_address_is_seen(page: str) -> None:
    assert scan_page("x.html", page) != []


def test_an_allow_list_that_fits_badly_is_seen(tmp_path: Path) -> None:
    allowed = load_allowed()
    (tmp_path / "pyodide").mkdir()
    (tmp_path / "x.js").write_text("eval(name);\n")
    (tmp_path / allowed["files"][0]["file"]).write_text("changed();\n")
    pieces = {"module": "x.js", "rule": "eval", "reason": "Only for this test.", "pieces": {}}
    found = judge(tmp_path, {"files": allowed["files"], "pieces": [pieces]})
    assert any("is not the file that was looked at" in complaint for complaint in found)
    assert any("is allowed but not packaged" in complaint for complaint in found)
    (sha,) = [c.split("[")[1].rstrip("]") for c in found if c.startswith("x.js: eval in x.js")]
    pieces["pieces"] = {sha: "eval(name);", "0" * 64: "gone"}
    found = judge(tmp_path, {"files": [], "pieces": [pieces]})
    assert f"x.js: eval {'0' * 64} is allowed but no longer there" in found
    assert not any(sha in complaint for complaint in found)
    assert "x.js: no reason is given" in judge(
        tmp_path, {"files": [], "pieces": [{**pieces, "reason": ""}]}
    )


def test_a_release_with_more_in_it_is_seen(tmp_path: Path) -> None:
    for name, text in (("dev", "f(1);\n"), ("release", "f(1);fetch(x);\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.js").write_text(text)
    nothing: dict[str, Any] = {"files": [], "pieces": []}
    dev, release = tmp_path / "dev", tmp_path / "release"
    assert judge_release(release, dev, nothing) == [
        "x.js: 1 more network than in the development build"
    ]
    assert judge_release(dev, release, nothing) == []
