/** Which pieces of a page are read: its main text by several judges, or all that is seen. */
import { readArticle } from "./article.js";
import { linkRows } from "./links.js";
import { charsOf, isText } from "./pieces.js";
import { outerOf } from "./visibility.js";

/** @import { Keep, Piece, Pieces } from "./pieces.js" */

/** Below this share of what is free of menus, Readability has taken a part for the whole. */
const ARTICLE_SHARE = 0.4;
/** On a page this short there is nothing to leave out, and Readability tends to keep the menu. */
const SHORT_CHARS = 500;
/** The part of the page around an article is read instead if it holds no more than this beyond it. */
const AROUND = 1.35;
/** Text that waits to be seen is read where it is this much of the page; else it is a trick. */
const WAITING_SHARE = 0.3;

/** @typedef {{keep: Keep, how: "article" | "main" | "page"}} Choice */

/** All that is seen. @param {Pieces} pieces @returns {Keep} */
export function seenPieces(pieces) {
  const chars = { free: 0, faint: 0, veiled: 0 };
  for (const piece of pieces.list) {
    if (!isText(piece)) continue;
    const { reason } = piece;
    if (reason === null) chars.free += piece.text.trim().length;
    else if (reason === "faint" || reason === "veiled") chars[reason] += piece.text.trim().length;
  }
  const fades = chars.faint > WAITING_SHARE * (chars.free + chars.faint);
  // An open dialog hides the whole page behind it from screen readers, not from the eye.
  const behind = chars.free < ARTICLE_SHARE * (chars.free + chars.veiled);
  return ({ reason }) => (reason === "faint" ? fades : reason === "veiled" ? behind : true);
}

/** @param {Pieces} pieces @param {Keep} seen @param {number} deadline_ms @returns {Choice} */
export function mainPieces(pieces, seen, deadline_ms) {
  const rows = linkRows(pieces);
  /** @type {Keep} */
  const free = (piece) =>
    (!piece.reason || piece.reason === "faint" || piece.reason === "veiled") &&
    seen(piece) &&
    !rows.has(piece);
  const all = charsOf(pieces, free);
  const page = mainRange(pieces, free, all) ?? { keep: free, how: "page" };
  const chars = page.how === "main" ? charsOf(pieces, page.keep) : all;
  if (!pieces.copy || chars < SHORT_CHARS || performance.now() > deadline_ms) return page;
  const article = readArticle(pieces.copy);
  if (!article) return page;
  /** @type {Keep} */
  const chosen = (piece) => page.keep(piece) && article(piece);
  const share = charsOf(pieces, chosen);
  if (share < ARTICLE_SHARE * chars) return page;
  const around = aroundOf(pieces, chosen, share);
  /** @type {Keep} */
  const inside = (piece) => page.keep(piece) && around(piece);
  const whole = charsOf(pieces, inside);
  // Less than was chosen: it lies in several documents, which no element is around.
  const body = whole >= share && whole <= AROUND * share ? inside : chosen;
  const head = headOf(pieces, page.keep, body);
  return { keep: (piece) => head.has(piece) || body(piece), how: "article" };
}

/** The one `<main>` of the page, where it holds most of it. @param {Pieces} pieces @param {Keep} free @param {number} all @returns {Choice | null} */
function mainRange(pieces, free, all) {
  const [range, more] = pieces.mains;
  if (!range || more) return null;
  const inside = new Set(pieces.list.slice(...range));
  /** @type {Keep} */
  const keep = (piece) => inside.has(piece) && free(piece);
  const chars = charsOf(pieces, keep);
  return chars > 0 && chars >= ARTICLE_SHARE * all ? { keep, how: "main" } : null;
}

/**
 * The innermost element that holds nearly all that Readability chose: tables, code and captions that it
 * dropped stand there, too.
 * @param {Pieces} pieces @param {Keep} chosen @param {number} share @returns {Keep}
 */
function aroundOf(pieces, chosen, share) {
  /** @type {Map<Element, number>} */
  const held = new Map();
  /** @type {Map<number, number>} */
  const by_block = new Map();
  for (const piece of pieces.list) {
    if (!isText(piece) || !chosen(piece)) continue;
    const chars = piece.text.replace(/\s+/g, "").length;
    by_block.set(piece.block, (by_block.get(piece.block) ?? 0) + chars);
  }
  for (const [block, chars] of by_block) {
    for (
      let at = /** @type {Element | null} */ (pieces.blocks[block]?.element ?? null);
      at;
      at = outerOf(at)
    ) {
      held.set(at, (held.get(at) ?? 0) + chars);
    }
  }
  /** @type {Element | null} */
  let inner = null;
  let least = Number.POSITIVE_INFINITY;
  for (const [element, chars] of held) {
    // Outer elements hold as much or more; insertion order gives the innermost first.
    if (chars >= 0.9 * share && chars < least) [inner, least] = [element, chars];
  }
  /** @type {Map<number, boolean>} */
  const within = new Map();
  return ({ block }) => {
    let known = within.get(block);
    if (known === undefined) {
      let at = /** @type {Element | null} */ (pieces.blocks[block]?.element ?? null);
      while (at && at !== inner) at = outerOf(at);
      known = at !== null;
      within.set(block, known);
    }
    return known;
  };
}

/** How much may stand between a page's heading and its text: a byline, a date, a lead. */
const HEAD_CHARS = 500;

/**
 * The first heading and what follows it up to the text: Readability takes them for the page's frame.
 * @param {Pieces} pieces @param {Keep} free @param {Keep} body @returns {Set<Piece>}
 */
function headOf(pieces, free, body) {
  const texts = pieces.list.filter((piece) => isText(piece) && piece.text.trim() && free(piece));
  const first = texts.findIndex(body);
  const level = (/** @type {Piece} */ piece) => pieces.blocks[piece.block]?.level ?? 0;
  let from = texts.findIndex((piece, n) => n < first && level(piece) === 1);
  if (from < 0) return new Set();
  const chars = texts.slice(from, first).reduce((sum, { text }) => sum + text.trim().length, 0);
  const lead = texts.slice(Math.max(0, from - 2), from);
  const heading = pieces.blocks[/** @type {Piece} */ (texts[from]).block]?.element;
  const together = lead.filter(({ block }) => {
    const around = heading && outerOf(heading);
    return around?.localName === "header" && around.contains(pieces.blocks[block]?.element ?? null);
  });
  from -= together.length;
  if (chars > HEAD_CHARS) return new Set(texts.filter((piece) => level(piece) === 1).slice(0, 1));
  return new Set(texts.slice(from, first));
}
