/** Tells panels and the offscreen document when what a tab shows, or may be read, has changed. */
import { broadcast, request } from "../shared/bus.js";
import { forgetClick, forgetRefusal } from "./clicks.js";
import { dropHandoff } from "./handoffs.js";
import { hasOffscreen } from "./offscreen-document.js";
import { probe } from "./probe.js";

export function registerPageWatch() {
  chrome.tabs.onActivated.addListener(({ windowId }) => pageChanged(windowId));
  chrome.tabs.onUpdated.addListener(async (tab_id, change, tab) => {
    // Without a grant only `status` is shown to us; with one, a url says that a navigation landed.
    if (!change.status && !change.url && !change.title) return;
    if (change.status === "loading") await forgetRefusal(tab_id);
    if (tab.active) pageChanged(tab.windowId);
    if (change.status || change.url) tellOffscreen(tab_id);
  });
  chrome.tabs.onRemoved.addListener((tab_id) => {
    forgetClick(tab_id);
    tellOffscreen(tab_id, true);
  });
  chrome.windows.onRemoved.addListener((window_id) => dropHandoff(window_id));
  chrome.permissions.onAdded.addListener(everyWindow);
  chrome.permissions.onRemoved.addListener(everyWindow);
}

/** @param {number} window_id */
function pageChanged(window_id) {
  broadcast({ type: "panel.page_changed", window_id });
}

async function everyWindow() {
  for (const { id } of await chrome.windows.getAll()) if (id !== undefined) pageChanged(id);
}

/**
 * Approvals are bound to a document: the offscreen document denies those of one that went away.
 * A page that cannot be looked at any more counts as gone.
 * @param {number} tab_id @param {boolean} [closed]
 */
async function tellOffscreen(tab_id, closed = false) {
  if (!(await hasOffscreen())) return;
  const seen = closed ? null : await probe({ tabId: tab_id });
  const page = seen?.ok ? seen : null;
  // A busy page has not changed: it only cannot answer now, and each execution checks again.
  if (seen && !seen.ok && seen.code === "page_busy") return;
  try {
    await request({
      type: "offscreen.tab_changed",
      tab_id,
      document_id: page?.document_id ?? null,
      origin: page?.origin ?? null,
    });
  } catch (error) {
    console.warn("the offscreen document did not take offscreen.tab_changed:", error);
  }
}
