/**
 * What can be read in a tab, and the reading itself.
 * @import { ContextBlock, PageRef, PageState, PageText } from "../shared/contract.js"
 */
import { PageText as isPageText } from "../shared/contract-check.js";
import { BusError, fromErrorData, problem } from "../shared/errors.js";
import { lastClick } from "./clicks.js";
import { inTime, probe } from "./probe.js";
import { contentRefusal, refusalOf } from "./refusals.js";

/** @typedef {import("./extract/index.js").Mode} Mode */

/** Reading a long page takes longer than looking at it; beyond this the page is busy or hostile. */
const READ_WITHIN_MS = 15_000;

/**
 * The chip of a window: its active tab, and the document id that was read last.
 * @param {number} window_id @param {string | null} read_document_id @returns {Promise<PageState>}
 */
export async function pageState(window_id, read_document_id) {
  const [tab] = await chrome.tabs.query({ active: true, windowId: window_id });
  if (tab?.id === undefined) {
    return blank("unreadable", "This window has no page.", "Open a web page.");
  }
  const seen = await probe({ tabId: tab.id }, tab.url);
  const is_web = /^https?:/.test(tab.url ?? "");
  const host = is_web ? new URL(/** @type {string} */ (tab.url)).host : "";
  const known = { title: tab.title ?? "", host, can_request_origin: is_web };
  if (!seen.ok) {
    if (seen.code !== "needs_click") {
      return {
        ...blank("unreadable", seen.reason, seen.hint),
        ...known,
        can_request_origin: false,
      };
    }
    return { ...(await needsClick(tab)), ...known };
  }
  const about = { title: seen.title || known.title, host: seen.host };
  const refusal = contentRefusal(seen);
  if (refusal) return { ...blank("unreadable", refusal.reason, refusal.hint), ...about };
  const { document_id, origin, title } = seen;
  const page = { tab_id: tab.id, document_id, origin, title };
  if (read_document_id !== null && read_document_id !== document_id) {
    return {
      ...blank(
        "changed",
        "The page changed since Sidelight read it.",
        "Ask again to read it as it is now.",
      ),
      ...about,
      page,
    };
  }
  const reason = seen.loading ? "The page is still loading: what is there now will be read." : "";
  const lasting = await hasLastingAccess(origin);
  return { ...blank("readable", reason, ""), ...about, page, can_request_origin: !lasting };
}

/** @returns {PageState} */
const blank = (
  /** @type {PageState["state"]} */ state,
  /** @type {string} */ reason,
  /** @type {string} */ hint,
) => ({ state, reason, hint, title: "", host: "", page: null, can_request_origin: false });

/** @param {chrome.tabs.Tab} tab @returns {Promise<PageState>} */
async function needsClick(tab) {
  const tab_id = /** @type {number} */ (tab.id);
  if (tab.url?.startsWith("file:") && !(await chrome.extension.isAllowedFileSchemeAccess())) {
    return blank(
      "unreadable",
      "This is a file on your computer, and Sidelight has no access to files.",
      "Open chrome://extensions, choose Details for Sidelight, turn on “Allow access to file URLs”, then click Sidelight's icon.",
    );
  }
  const click = await lastClick(tab_id);
  if (click === "refused") {
    return blank(
      "unreadable",
      "The browser lets no extension read this kind of page, such as a source view or an empty tab.",
      "Open a web page, or paste the text into your message.",
    );
  }
  const reason =
    click === null
      ? "Sidelight reads a page only after you click it there."
      : "This tab went to another site, and what you allowed by a click ends there.";
  return blank("needs_click", reason, await clickHint(tab));
}

/**
 * Names the shortcut that is really set: the user may have changed or removed it.
 * @param {chrome.tabs.Tab} tab
 */
async function clickHint(tab) {
  const commands = await chrome.commands.getAll();
  const shortcut = commands.find(({ name }) => name === "open-panel")?.shortcut;
  const press = shortcut ? `, or press ${shortcut},` : "";
  const hidden = tab.url ? "" : " Until then even its address is hidden from Sidelight.";
  return `Click Sidelight's icon in the toolbar${press} to let it read this page.${hidden}`;
}

/** @param {string} origin "https://host:port" */
async function hasLastingAccess(origin) {
  if (!/^https?:/.test(origin)) return true; // nothing that could be asked for
  return chrome.permissions.contains({ origins: [`${origin}/*`] });
}

/**
 * Reads one document: the one named, or the tab's present one. Nothing of another origin is read.
 * @param {PageRef} page @param {Mode} mode @param {number[]} [frame_ids]
 * @returns {Promise<PageText>}
 */
export async function readPage(page, mode, frame_ids) {
  const target = page.document_id
    ? { tabId: page.tab_id, documentIds: [page.document_id] }
    : { tabId: page.tab_id };
  const seen = await probe(target, await urlOf(page.tab_id));
  if (!seen.ok) throw await asProblem(seen, page.tab_id);
  if (seen.origin !== page.origin)
    throw await asProblem(refusalOf("No document with id"), page.tab_id);
  const refusal = mode === "selection" ? null : contentRefusal(seen);
  if (refusal) throw await asProblem(refusal, page.tab_id);
  const where = frame_ids
    ? { tabId: page.tab_id, frameIds: frame_ids }
    : { tabId: page.tab_id, documentIds: [seen.document_id] };
  const text = await extract(where, mode);
  const { title, origin, document_id } = seen;
  /** @type {PageText} */
  const read = {
    block: {
      kind: mode === "selection" ? "selection" : "page",
      origin: text.origin,
      trust: "untrusted",
      title: text.title || title,
      url: text.url,
      text: text.text,
      total_chars: text.total_chars,
      truncated: text.truncated,
    },
    page: { tab_id: page.tab_id, document_id, origin, title },
    share: text.share ?? null,
  };
  if (/** @type {any} */ (isPageText)(read)) return read;
  throw await asProblem(refusalOf("The page gave an answer that makes no sense."), page.tab_id);
}

/**
 * @param {chrome.scripting.InjectionTarget} target @param {Mode} mode
 * @returns {Promise<import("./extract/index.js").Extracted>}
 */
async function extract(target, mode) {
  try {
    const answer = inTime(injectAndRun(target, mode), READ_WITHIN_MS);
    const result = await answer;
    // A function that throws in the page gives null and no error: so ours never does.
    if (!result) throw new Error("The page gave no answer.");
    if (result.ok === true && result.page) return result.page;
    throw fromErrorData(/** @type {any} */ (result).error);
  } catch (error) {
    if (error instanceof BusError) throw error;
    const refusal = refusalOf(error instanceof Error ? error.message : String(error));
    throw await asProblem(refusal, target.tabId);
  }
}

/**
 * @param {chrome.scripting.InjectionTarget} target @param {Mode} mode
 * @returns {Promise<import("./extract/index.js").Result | null | undefined>}
 */
async function injectAndRun(target, mode) {
  const at = { target, injectImmediately: true };
  await chrome.scripting.executeScript({ ...at, files: ["background/extract.js"] });
  const [injection] = await chrome.scripting.executeScript({
    ...at,
    func: (/** @type {string} */ wanted) =>
      /** @type {any} */ (globalThis).sidelightExtract(wanted),
    args: [mode],
  });
  return injection?.result;
}

/** @param {number} tab_id */
async function urlOf(tab_id) {
  return (await chrome.tabs.get(tab_id).catch(() => undefined))?.url;
}

/** @param {import("./refusals.js").Refusal} refusal @param {number} tab_id */
async function asProblem({ code, reason, hint }, tab_id) {
  if (code !== "needs_click") {
    return problem(
      code === "unreadable" ? "page_unreadable" : code,
      reason,
      hint,
      code === "page_busy",
    );
  }
  const tab = await chrome.tabs.get(tab_id).catch(() => null);
  const state = tab ? await needsClick(tab) : null;
  if (!state) return problem("page_gone", "The tab was closed.", "Open the page again.");
  return problem(
    state.state === "needs_click" ? "page_needs_click" : "page_unreadable",
    state.reason,
    state.hint,
    true,
  );
}
