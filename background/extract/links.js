/** Rows of short links that no name gives away: menus of old pages, tags, letters, "next page". */
import { isText } from "./pieces.js";

/** @import { Piece, Pieces } from "./pieces.js" */

/** Longer ones are titles: a list of them may be what the page is about. */
const LINK_CHARS = 30;
/** Where links are this share of the text, they are the page. */
const PAGE_SHARE = 0.3;

/** @param {Pieces} pieces @returns {Set<Piece>} pieces that are such rows */
export function linkRows(pieces) {
  /** @type {Set<Piece>} */
  const rows = new Set();
  /** @type {Piece[]} */
  let run = [];
  let links = new Set();
  let found = 0;
  let all = 0;
  const close = () => {
    if (links.size > 1) {
      const chars = run.reduce((sum, piece) => sum + lengthOf(piece), 0);
      if (chars <= LINK_CHARS * links.size) {
        for (const piece of run) rows.add(piece);
        found += chars;
      }
    }
    run = [];
    links = new Set();
  };
  for (const piece of pieces.list) {
    if (!isText(piece) || piece.reason) continue;
    const length = lengthOf(piece);
    all += length;
    if (!length) {
      if (run.length) run.push(piece); // the bar between two links
      continue;
    }
    if (!piece.link || (pieces.blocks[piece.block]?.level ?? 0) > 0 || piece.op === "code") close();
    else {
      run.push(piece);
      links.add(piece.link);
    }
  }
  close();
  return found > PAGE_SHARE * all ? new Set() : rows;
}

/** Letters and digits. @param {Piece} piece */
const lengthOf = (piece) => piece.text.replace(/[^\p{L}\p{N}]+/gu, "").length;
