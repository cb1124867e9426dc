"""What the manifest may say, as functions that return complaints; each can be shown to complain."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tools.code_scan import without_comments

#: Keys that open nothing by themselves, or that a rule below looks at. Any other key is a new door.
KEYS = {
    *"manifest_version name version key description minimum_chrome_version icons".split(),
    *"permissions optional_host_permissions background side_panel action commands".split(),
    *"incognito content_security_policy sandbox storage".split(),
}
#: Pages without our origin: the place of Python.
SANDBOXED = ["offscreen/python/frame.html"]
#: What runs there reads the package (which no policy prevents) and nothing else.
SANDBOX_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'self' 'wasm-unsafe-eval' blob:; "
    "worker-src blob:; connect-src 'none'; form-action 'none'; base-uri 'none'"
)
#: The network worker must get out, to servers that the user names at run time; every other script
#: starts with shared/no-network.js, and the two documents have a policy of their own.
OUTWARD = {"http:", "https:"}
#: Files that web pages may load, with the reason; today none is needed.
WEB_ACCESSIBLE: dict[str, str] = {}
#: base-uri and form-action do not fall back to default-src; the others must not loosen with it.
NEEDED_DIRECTIVES = "default-src script-src object-src frame-src base-uri form-action".split()
#: Evidence in the code that a permission is used: all of these must occur.
EVIDENCE: dict[str, tuple[str, ...]] = {
    "activeTab": (r"chrome\.action\.onClicked", r"chrome\.scripting\.executeScript"),
    "contextMenus": (r"chrome\.contextMenus\.create",),
    "offscreen": (r"chrome\.offscreen\.createDocument",),
    "scripting": (r"chrome\.scripting\.executeScript",),
    "sidePanel": (r"chrome\.sidePanel\.open",),
    "storage": (r"chrome\.storage\.session\.set",),
    "unlimitedStorage": (r"\bopenDB\(",),
    "http://*/*": (r"permissions\.request\(",),
    "https://*/*": (r"permissions\.request\(",),
}
#: Namespaces that need no permission; tabs without "tabs" gives no address before a grant.
FREE = {*"action commands dom extension permissions runtime tabs windows".split()}
_API = re.compile(r"(?<![\w$.-])(?:globalThis\??\.)?(?:chrome|browser)\??\.([a-z]\w*)")
_TAKEN_WHOLE = re.compile(r"(?<![\w$-])chrome(?=\s*(?:[;,)}\[=]|$))")


def shipped_code(root: Path) -> dict[str, str]:
    """Our own scripts without comments, by name."""
    folders = ("background", "offscreen", "sidepanel", "shared")
    files = [file for folder in folders for file in sorted((root / folder).rglob("*.js"))]
    texts = without_comments(files)
    return {path.relative_to(root).as_posix(): text for path, text in texts.items()}


def asked_for(manifest: dict[str, Any]) -> set[str]:
    """All permissions, at install and later."""
    kinds = ("permissions", "host_permissions", "optional_permissions", "optional_host_permissions")
    return {name for kind in kinds for name in manifest.get(kind, [])}


def manifest_findings(manifest: dict[str, Any]) -> list[str]:
    """Doors that the manifest opens without need."""
    found = [f"the manifest has {key}" for key in sorted(set(manifest) - KEYS)]
    found += [
        f"web pages may load {resource}"
        for entry in manifest.get("web_accessible_resources", [])
        for resource in entry["resources"]
        if len(WEB_ACCESSIBLE.get(resource, "").split()) < 4
    ]
    pages = manifest.get("sandbox", {}).get("pages", SANDBOXED)
    found += [f"{page} is sandboxed" for page in pages if page not in SANDBOXED]
    if manifest.get("incognito") != "not_allowed":
        found.append("it runs in private windows, whose pages must leave no trace")
    return found


def policy_findings(policy: dict[str, str]) -> list[str]:
    """What a content security policy lets in beyond the package."""
    found = []
    if set(policy) != {"extension_pages", "sandbox"}:
        found.append(f"policies for {sorted(policy)}")
    if policy.get("sandbox") != SANDBOX_POLICY:
        found.append("the sandbox has another policy")
    rules = {
        words[0]: words[1:]
        for part in policy.get("extension_pages", "").split(";")
        if (words := part.split())
    }
    found += [f"{name} is not said" for name in NEEDED_DIRECTIVES if name not in rules]
    for name, sources in rules.items():
        allowed = {"'self'", "'none'"}
        if name == "script-src":
            allowed.add("'wasm-unsafe-eval'")
        if name in ("connect-src", "img-src"):
            allowed.add("blob:")
        if name == "img-src":
            allowed.add("data:")
        if name == "connect-src":
            allowed |= OUTWARD
        found += [f"{name} lets in {source}" for source in sources if source not in allowed]
    return found


def first_import_findings(scripts: dict[str, str], free: set[str]) -> list[str]:
    """Entry scripts that do not take the network out of their realm before all else."""
    return [
        f"{name} does not import shared/no-network.js first"
        for name, text in scripts.items()
        if name not in free and not re.match(r'\s*import\s*"(\.\./)+shared/no-network\.js"', text)
    ]


def permission_findings(manifest: dict[str, Any], code: dict[str, str]) -> list[str]:
    """Permissions that no code uses, and interfaces that no permission allows."""
    asked = asked_for(manifest)
    everything = "\n".join(code.values())
    found = [
        f"{name} is asked for but not used"
        for name in sorted(asked)
        if name not in EVIDENCE or not all(re.search(e, everything) for e in EVIDENCE[name])
    ]
    for file, text in code.items():
        found += [
            f"{file} uses chrome.{name} without its permission"
            for name in sorted(set(_API.findall(text)))
            if name not in FREE and name not in asked
        ]
        if _TAKEN_WHOLE.search(text):
            found.append(f"{file} takes chrome whole: what it uses cannot be seen")
    return found


def document_findings(manifest: dict[str, Any], document: str) -> list[str]:
    """Permissions that docs/permissions.md does not explain, or explains without need."""
    heading, *sections = re.split(r"^## ", document, flags=re.M)
    found = [] if heading.startswith("# ") else ["the document has no title"]
    explained: set[str] = set()
    for section in sections:
        title, _, text = section.partition("\n")
        names = re.findall(r"`([^`]+)`", title)
        explained.update(names)
        found += [
            f"{title}: nothing under {part}"
            for part in ("For", "You see", "Without it")
            if names and not re.search(rf"^- \*\*{part}:\*\* \w+", text, re.M)
        ]
    asked = asked_for(manifest)
    found += [f"{name} is not explained" for name in sorted(asked - explained)]
    return found + [f"{name} is explained, not asked for" for name in sorted(explained - asked)]
