/**
 * Injected into a page (isolated world) when the user's click allows it: the page's main text, all that
 * is seen, or the selection. It changes nothing in the page and never throws: a throwing script reaches
 * the extension as null, without a reason.
 */
import { mainPieces, seenPieces } from "./choose.js";
import { bodyOf, rootOf } from "./dom.js";
import { address, readMeta } from "./meta.js";
import { elementAt, placeOf } from "./places.js";
import { render } from "./render.js";
import { selectedText } from "./selection.js";
import { shareOf } from "./share.js";
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
 * @property {import("./share.js").Share | null} share what was left out; null for a selection
 */
/** @typedef {{start: number, end: number, kind: string, level: number, place: string}} Place */
/** @typedef {Extracted & {how: string, meta: import("./meta.js").Meta, blocks: Place[], script_ms: number}} Told */
/** @typedef {{ok: true, page: Extracted} | {ok: false, error: {code: string, message: string, hint: string}}} Result */
/** @typedef {"page" | "whole" | "selection"} Mode */

const MAX_CHARS = 400_000;
const WALK_CHARS = 4_000_000;
const WALK_MS = 2500;

/** @param {Mode} mode @returns {Result} */
function run(mode) {
  try {
    return mode === "selection" ? readSelection() : readText(mode, false);
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

/**
 * @param {Mode} mode
 * @param {boolean} tell everything that is known of the page, not just what a prompt needs
 * @returns {Result}
 */
function readText(mode, tell) {
  const started_ms = performance.now();
  const deadline_ms = started_ms + WALK_MS;
  const root = bodyOf(document) ?? rootOf(document);
  if (!root) return failed("page_empty", "The page is empty.", "Open another page.");
  const copy = mode === "page" && document.contentType === "text/html";
  const pieces = walk(root, { deadline_ms, max_chars: WALK_CHARS, copy });
  const seen = seenPieces(pieces);
  const choice = mode === "page" ? mainPieces(pieces, seen, deadline_ms) : null;
  const { text, spans } = render(pieces, choice?.keep ?? seen);
  if (!text) {
    return failed(
      "page_empty",
      "No text was found on this page.",
      "Select text on the page and ask about that, or open another page.",
    );
  }
  const share = shareOf(pieces, seen, choice?.keep ?? seen, { text, spans });
  const page = { ...packed(text, pieces.complete), share };
  if (!tell) return { ok: true, page };
  const blocks = spans.map(({ start, end, block }) => {
    const { element, kind, level } = pieces.blocks[block] ?? {
      element: root,
      kind: "block",
      level: 0,
    };
    return { start, end, kind, level, place: placeOf(element) };
  });
  const script_ms = performance.now() - started_ms;
  const told = {
    ...page,
    how: choice?.how ?? "whole",
    meta: readMeta(heading()),
    blocks,
    script_ms,
  };
  return { ok: true, page: told };
}

/** @param {string} text @param {boolean} complete @returns {Extracted} */
function packed(text, complete) {
  const cut = text.length > MAX_CHARS;
  const { title, lang } = readMeta(heading());
  return {
    // A cut through a surrogate pair leaves half a character, which clean replaces.
    text: cut ? clean(text.slice(0, MAX_CHARS)) : text,
    title,
    lang,
    url: address(),
    origin: location.protocol === "file:" ? "file://" : location.origin,
    total_chars: text.length,
    truncated: cut || !complete,
    share: null,
  };
}

/** The first heading that is seen: titles in the page's data may say anything. */
function heading() {
  for (const found of Document.prototype.querySelectorAll.call(document, "h1")) {
    if (!isSeen(found)) continue;
    const pieces = walk(found, { deadline_ms: Number.POSITIVE_INFINITY, max_chars: 1000 });
    const { text } = render(pieces, () => true);
    if (text) return text.replace(/^# /, "").replace(/\s+/g, " ").slice(0, 400);
  }
  return "";
}

/** @param {string} code @param {string} message @param {string} hint @returns {Result} */
const failed = (code, message, hint) => ({ ok: false, error: { code, message, hint } });

/** @type {any} */ (globalThis).sidelightExtract = run;
/** For ./dev extract and citations: the same reading, with where each block stands. */
/** @type {any} */ (globalThis).sidelightTell = () => readText("page", true);
/** @type {any} */ (globalThis).sidelightAt = elementAt;
