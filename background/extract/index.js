/**
 * Injected into a page (isolated world) when the user's click allows it: the page's main text, or the
 * selection. It changes nothing in the page and never throws: a throwing script reaches the extension
 * as null, without a reason.
 */
import { readArticle } from "./article.js";
import { attribute, bodyOf, findIn, rootOf, titleOf } from "./dom.js";
import { selectedText } from "./selection.js";
import { clean } from "./text-builder.js";
import { isSeen } from "./visibility.js";
import { walk } from "./walker.js";

/**
 * @typedef {object} Extracted
 * @property {string} text at most MAX_CHARS characters
 * @property {string} title
 * @property {string} lang
 * @property {string} url the canonical address where the page names one of its own site
 * @property {string} origin
 * @property {number} total_chars length before the cut
 * @property {boolean} truncated
 */
/** @typedef {{ok: true, page: Extracted} | {ok: false, error: {code: string, message: string, hint: string}}} Result */

const MAX_CHARS = 400_000;
const WALK_CHARS = 4_000_000;
const WALK_MS = 2500;
const MAX_TITLE_CHARS = 400;
/** Below this share of what is visible, Readability has taken a part for the whole. */
const ARTICLE_SHARE = 0.4;
/** On a page this short there is nothing to leave out, and Readability tends to keep the menu. */
const SHORT_CHARS = 600;

/** @param {"page" | "selection"} mode @returns {Result} */
function run(mode) {
  try {
    return mode === "selection" ? readSelection() : readMain();
  } catch (error) {
    const why = String(error instanceof Error ? error.message : error).slice(0, 200);
    return failed(
      "extraction_failed",
      `The page's text could not be read: ${why}`,
      "Select the part you need and ask about the selection.",
    );
  }
}

/** @returns {Result} */
function readSelection() {
  const text = selectedText(document);
  if (!text) {
    return failed(
      "no_selection",
      "No text is selected on the page.",
      "Select some text, then try again.",
    );
  }
  return { ok: true, page: packed(text, true) };
}

/** @returns {Result} */
function readMain() {
  const deadline_ms = performance.now() + WALK_MS;
  const options = { live: true, deadline_ms, max_chars: WALK_CHARS };
  const root = bodyOf(document) ?? rootOf(document);
  if (!root) return failed("page_empty", "The page is empty.", "Open another page.");
  const visible = visibleText(root, options);
  const article =
    visible.complete && visible.text.length > SHORT_CHARS ? readArticle(options) : null;
  const useArticle = article && article.length >= ARTICLE_SHARE * visible.text.length;
  const text = useArticle ? article : visible.text;
  if (!text) {
    return failed(
      "page_empty",
      "No text was found on this page.",
      "Select text on the page and ask about that, or open another page.",
    );
  }
  return { ok: true, page: packed(text, visible.complete) };
}

/**
 * The page's main part where it names one that holds most of the text; else all that is not menu.
 * @param {Element} root @param {import("./walker.js").Options} options
 */
function visibleText(root, options) {
  let walked = walk(root, options);
  // An open dialog hides the whole page behind it from screen readers, not from the eye.
  if (findIn(document, "[aria-hidden=true]")) {
    const all = walk(root, { ...options, aria_hidden: true });
    if (walked.text.length < 0.4 * all.text.length) walked = all;
  }
  const { text, complete, main } = walked;
  const part = main ? text.slice(...main).trim() : "";
  const enough = part.length >= ARTICLE_SHARE * text.length && part.length > 0;
  return { text: enough ? part : text.trim(), complete };
}

/** @param {string} text @param {boolean} complete @returns {Extracted} */
function packed(text, complete) {
  const cut = text.length > MAX_CHARS;
  const title = titleOf(document) || heading() || location.host;
  const root = rootOf(document);
  return {
    // A cut through a surrogate pair leaves half a character, which clean replaces.
    text: cut ? clean(text.slice(0, MAX_CHARS)) : text,
    title: clean(title).replace(/\s+/g, " ").trim().slice(0, MAX_TITLE_CHARS),
    lang: (root && attribute(root, "lang")) || "",
    url: address(),
    origin: location.protocol === "file:" ? "file://" : location.origin,
    total_chars: text.length,
    truncated: cut || !complete,
  };
}

/** The first heading that is seen: titles in the page's data may say anything. */
function heading() {
  for (const found of Document.prototype.querySelectorAll.call(document, "h1")) {
    if (!isSeen(found)) continue;
    const { text } = walk(found, { live: true, deadline_ms: Infinity, max_chars: MAX_TITLE_CHARS });
    if (text) return text.replace(/^# /, "");
  }
  return "";
}

/** A page may name any address as its own: only one of its own origin is believed. */
function address() {
  const link = findIn(document, "link[rel=canonical]");
  const named = link && attribute(link, "href");
  const url = new URL(location.href);
  if (named && URL.canParse(named, location.href)) {
    const canonical = new URL(named, location.href);
    if (canonical.origin === location.origin) return bare(canonical);
  }
  return bare(url);
}

/** Without user name and password. @param {URL} url */
function bare(url) {
  url.username = "";
  url.password = "";
  return url.href;
}

/** @param {string} code @param {string} message @param {string} hint @returns {Result} */
const failed = (code, message, hint) => ({ ok: false, error: { code, message, hint } });

/** @type {any} */ (globalThis).sidelightExtract = run;
