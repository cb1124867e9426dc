/**
 * What a walk over a page leaves: pieces of text with where they come from and what they are, and the
 * marks between them. Choosing what to read is leaving pieces out; the page is walked once.
 */

/**
 * Why a piece is not main text. menu: navigation, page head and foot; control: buttons; aside: side
 * columns, advertisements, sharing, notices, by their names; links: rows of short links; faint: drawn
 * in no visible way, but maybe only waiting to fade in; veiled: hidden from screen readers, as behind a dialog.
 * @typedef {"menu" | "control" | "aside" | "links" | "faint" | "veiled"} Reason
 */

/** @typedef {{element: Element, kind: string, level: number}} Block the element that a line belongs to */

/**
 * @typedef {object} Piece
 * @property {"text" | "code" | "gap" | "br" | "space" | "prefix" | "indent" | "row" | "cell" | "end"} op
 * @property {string} text of text and code; the mark of prefix; the indent
 * @property {number} n line breaks of a gap
 * @property {Reason | null} reason
 * @property {number} block index
 * @property {Element | null} link around it
 * @property {number} mark of the element in the copy for Readability; -1: none
 */

/** @typedef {(piece: Piece) => boolean} Keep */

export class Pieces {
  /** @type {Piece[]} */
  list = [];
  /** @type {Block[]} */
  blocks = [];
  /** Ranges of `<main>`, as indexes into the list. @type {Array<[number, number]>} */
  mains = [];
  /** Characters that nobody can see, and that were not read. */
  hidden_chars = 0;
  /** Frames of other origins, which are not entered. */
  closed_frames = 0;
  complete = true;
  /** The page as Readability gets it: what is seen, shadow roots and frames in place. @type {Element | null} */
  copy = null;

  /** @param {Piece["op"]} op @param {Partial<Piece>} [more] */
  add(op, more) {
    this.list.push({ op, text: "", n: 0, reason: null, block: -1, link: null, mark: -1, ...more });
  }
}

export const isText = (/** @type {Piece} */ piece) => piece.op === "text" || piece.op === "code";

/** Characters that are not white space, of the pieces that are kept. @param {Pieces} pieces @param {Keep} keep */
export function charsOf(pieces, keep) {
  let chars = 0;
  for (const piece of pieces.list) {
    if (isText(piece) && keep(piece)) chars += piece.text.replace(/\s+/g, "").length;
  }
  return chars;
}
