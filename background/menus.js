/**
 * The context menu: "Summarize selection" opens the panel and parks the job for it.
 * @import { ContextBlock, Handoff, PageRef } from "../shared/contract.js"
 */
import { broadcast } from "../shared/bus.js";
import { rememberClick } from "./clicks.js";
import { parkHandoff } from "./handoffs.js";
import { readPage } from "./pages.js";
import { tellIfItFails } from "./panel-opener.js";
import { probe } from "./probe.js";

const SUMMARIZE = "summarize-selection";

export function registerMenus() {
  chrome.runtime.onInstalled.addListener(createMenus);
  chrome.contextMenus.onClicked.addListener((info, tab) => {
    if (info.menuItemId !== SUMMARIZE || !tab || tab.id === undefined) return;
    // First call, before any await: the gesture ends with it.
    const opening = chrome.sidePanel.open({ windowId: tab.windowId });
    tellIfItFails(opening);
    handOff(info, tab, tab.id).catch(console.error);
  });
}

async function createMenus() {
  // An update finds the items of the version before; creating one twice is an error.
  await chrome.contextMenus.removeAll();
  chrome.contextMenus.create({
    id: SUMMARIZE,
    title: "Summarize selection",
    contexts: ["selection"],
  });
}

/**
 * @param {chrome.contextMenus.OnClickData} info @param {chrome.tabs.Tab} tab @param {number} tab_id
 */
async function handOff(info, tab, tab_id) {
  await rememberClick(tab);
  const { block, page } = await selectionOf(info, tab, tab_id);
  const handoff = /** @type {Handoff} */ ({
    handoff_id: crypto.randomUUID(),
    kind: "summarize_selection",
    text: "Summarize the selected text.",
    block,
    page,
  });
  await parkHandoff(tab.windowId, handoff);
  broadcast({ type: "panel.page_changed", window_id: tab.windowId });
  broadcast({ type: "panel.handoff_ready", window_id: tab.windowId });
}

/**
 * The selection as the page holds it. What the menu event carries is one line without paragraphs,
 * but it is all there is in a frame of another site or in the PDF viewer.
 * @param {chrome.contextMenus.OnClickData} info @param {chrome.tabs.Tab} tab @param {number} tab_id
 * @returns {Promise<{block: ContextBlock, page: PageRef}>}
 */
async function selectionOf(info, tab, tab_id) {
  const seen = await probe({ tabId: tab_id }, tab.url);
  const url = info.frameUrl || info.pageUrl || tab.url || "";
  const origin = seen.ok ? seen.origin : originOf(info.pageUrl || tab.url || "");
  const title = tab.title ?? "";
  const page = { tab_id, document_id: seen.ok ? seen.document_id : null, origin, title };
  if (seen.ok) {
    try {
      const frames = info.frameId === undefined ? undefined : [info.frameId];
      return await readPage(page, "selection", frames);
    } catch (error) {
      console.warn("the selection was taken from the menu event:", error);
    }
  }
  const text = (info.selectionText ?? "").trim();
  return {
    block: {
      kind: "selection",
      origin: originOf(url) || origin,
      trust: "untrusted",
      title,
      url,
      text,
      total_chars: text.length,
      truncated: false,
    },
    page,
  };
}

/** @param {string} url */
function originOf(url) {
  if (!URL.canParse(url)) return "";
  const { protocol, origin } = new URL(url);
  return protocol === "file:" ? "file://" : origin;
}
