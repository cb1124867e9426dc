/** Pieces become text: Markdown without marks inside a line, and where each line's block stands in it. */
import { isText } from "./pieces.js";
import { TextBuilder } from "./text-builder.js";

/** @typedef {{start: number, end: number, block: number}} Span characters of the text, and their block */
/** @typedef {{text: string, spans: Span[]}} Rendered */

/**
 * @param {import("./pieces.js").Pieces} pieces @param {import("./pieces.js").Keep} keep
 * @param {number} [from] first piece @param {number} [to] after the last one
 * @returns {Rendered}
 */
export function render(pieces, keep, from = 0, to = pieces.list.length) {
  const renderer = new Renderer(keep);
  for (let n = from; n < to; n++) {
    renderer.take(/** @type {import("./pieces.js").Piece} */ (pieces.list[n]));
  }
  const { text } = renderer.out;
  return { text, spans: renderer.spans };
}

class Renderer {
  out = new TextBuilder();
  /** @type {Span[]} */
  spans = [];
  /** @type {TextBuilder | null} the page's text while a cell is filled */
  outer = null;
  /** @type {Array<{text: string, block: number}> | null} */
  row = null;

  /** @param {import("./pieces.js").Keep} keep */
  constructor(keep) {
    this.keep = keep;
  }

  /** @param {import("./pieces.js").Piece} piece */
  take(piece) {
    const { out } = this;
    if (isText(piece)) {
      if (this.keep(piece)) this.#write(piece);
      return;
    }
    switch (piece.op) {
      case "gap":
        return out.gap(piece.n);
      case "br":
        return out.gap(Math.min(out.owed + 1, 2));
      case "space":
        out.space = true;
        return;
      case "prefix":
        out.prefix = piece.text;
        return;
      case "indent":
        out.indent = piece.text;
        return;
      case "row":
        this.row = [];
        return;
      case "cell":
        this.row?.push({ text: "", block: piece.block });
        this.outer ??= out;
        this.out = new TextBuilder();
        return;
      case "end":
        return this.#end();
    }
  }

  /** @param {import("./pieces.js").Piece} piece */
  #write(piece) {
    const { out } = this;
    const before = out.text.length;
    if (piece.op === "code") out.verbatim(piece.text);
    else out.inline(piece.text);
    if (!this.outer && out.text.length > before)
      this.#span(out.wrote, out.text.length, piece.block);
  }

  /** The end of a cell, or of its row. */
  #end() {
    const { row, outer } = this;
    if (outer) {
      const cell = row?.at(-1);
      if (cell) cell.text = this.out.text.replace(/\s+/g, " ").trim();
      this.out = outer;
      this.outer = null;
      return;
    }
    this.row = null;
    if (!row?.some(({ text }) => text)) return;
    const { out } = this;
    const line = row.map(({ text }) => text).join(" | ");
    out.gap(1);
    out.inline(line);
    let at = out.wrote - (line.length - line.trimStart().length);
    for (const { text, block } of row) {
      if (text) this.#span(at, at + text.length, block);
      at += text.length + 3;
    }
  }

  /** @param {number} start @param {number} end @param {number} block */
  #span(start, end, block) {
    const last = this.spans.at(-1);
    if (last?.block === block) last.end = end;
    else this.spans.push({ start, end, block });
  }
}
