/** How much of a page was read, what was left out and why, and the sections that can be chosen. */
import { isText } from "./pieces.js";
import { clean } from "./text-builder.js";

/** @import { Keep, Pieces } from "./pieces.js" */

/** @typedef {{reason: "menu" | "control" | "aside" | "links" | "hidden" | "other", chars: number, sample: string}} Dropped */
/** @typedef {{title: string, level: number, start: number, end: number}} Section characters of the text */
/**
 * @typedef {object} Share
 * @property {number} read_chars characters that are not white space, as are the others
 * @property {number} seen_chars all that a person sees of the page
 * @property {Dropped[]} dropped
 * @property {Section[]} sections
 * @property {number} closed_frames parts of other sites in the page, which are not read
 */

const SAMPLE_CHARS = 300;
const MAX_SECTIONS = 200;

/**
 * @param {Pieces} pieces @param {Keep} seen @param {Keep} keep @param {import("./render.js").Rendered} rendered
 * @returns {Share}
 */
export function shareOf(pieces, seen, keep, rendered) {
  /** @type {Map<string, Dropped>} */
  const dropped = new Map();
  let read_chars = 0;
  let seen_chars = 0;
  let hidden_chars = pieces.hidden_chars;
  for (const piece of pieces.list) {
    if (!isText(piece)) continue;
    const chars = piece.text.replace(/\s+/g, "").length;
    if (!chars) continue;
    if (!seen(piece)) {
      hidden_chars += chars;
      continue;
    }
    seen_chars += chars;
    if (keep(piece)) {
      read_chars += chars;
      continue;
    }
    const reason = /** @type {Dropped["reason"]} */ (
      piece.reason && !/faint|veiled/.test(piece.reason)
        ? piece.reason
        : piece.link
          ? "links"
          : "other"
    );
    const entry = dropped.get(reason) ?? { reason, chars: 0, sample: "" };
    entry.chars += chars;
    if (entry.sample.length < SAMPLE_CHARS) {
      const text = clean(piece.text).replace(/\s+/g, " ").trim();
      entry.sample = `${entry.sample}${entry.sample && " · "}${text}`.slice(0, SAMPLE_CHARS);
    }
    dropped.set(reason, entry);
  }
  // What nobody sees is counted, never shown: it may be there to give orders.
  if (hidden_chars) dropped.set("hidden", { reason: "hidden", chars: hidden_chars, sample: "" });
  return {
    read_chars,
    seen_chars,
    dropped: [...dropped.values()].map((entry) => ({ ...entry, sample: clean(entry.sample) })),
    sections: sectionsOf(pieces, rendered),
    closed_frames: pieces.closed_frames,
  };
}

/** From each heading to the next one that is not below it. @param {Pieces} pieces @param {import("./render.js").Rendered} rendered */
function sectionsOf(pieces, { text, spans }) {
  const heads = spans.flatMap(({ start, end, block }) => {
    const level = pieces.blocks[block]?.level ?? 0;
    return level
      ? [{ title: text.slice(start, end).slice(0, 160), level, start, end: text.length }]
      : [];
  });
  for (const [n, head] of heads.entries()) {
    const next = heads.slice(n + 1).find(({ level }) => level <= head.level);
    if (next) head.end = text.lastIndexOf("\n", next.start);
    head.start = text.lastIndexOf("\n", head.start) + 1;
  }
  return heads.slice(0, MAX_SECTIONS);
}
