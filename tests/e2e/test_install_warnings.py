"""What the browser itself says a person would be warned of before installing: nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.browser import EXTENSION, Browser

pytestmark = pytest.mark.e2e
MANIFEST: dict[str, Any] = json.loads((EXTENSION / "manifest.json").read_text())


def warnings(browser: Browser, manifest: dict[str, Any]) -> list[str]:
    """Needs no permission: the browser offers this one call of chrome.management to all."""
    page = browser.extension_page()
    ask = "text => chrome.management.getPermissionWarningsByManifest(text)"
    found = list(page.evaluate(ask, json.dumps(manifest)))
    page.close()
    return found


def test_install_warns_of_nothing(shared_browser: Browser) -> None:
    assert warnings(shared_browser, MANIFEST) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"host_permissions": ["<all_urls>"]}, "all"),
        ({"permissions": [*MANIFEST["permissions"], "tabs"]}, "history"),
        ({"permissions": [*MANIFEST["permissions"], "declarativeNetRequest"]}, "Block"),
        ({"content_scripts": [{"matches": ["https://*/*"], "js": ["x.js"]}]}, "all"),
    ],
)
def test_more_would_warn(shared_browser: Browser, change: dict[str, Any], said: str) -> None:
    """Positive control: the call does warn, of what it should."""
    found = warnings(shared_browser, {**MANIFEST, **change})
    assert len(found) == 1, found
    assert said in found[0]


def test_it_is_not_in_private_windows(shared_browser: Browser) -> None:
    """The browser read the manifest's wish: nobody can switch Sidelight on there."""
    ask = "() => chrome.extension.isAllowedIncognitoAccess()"
    assert shared_browser.worker_evaluate(ask) is False
    assert MANIFEST["incognito"] == "not_allowed"
