/**
 * Text that would make the Markdown parser recurse or backtrack without end is shown as it is written.
 * Measured with marked 18: 10,000 nested markers overflow the stack, 10,000 times "*a_" take 24 s.
 */

/** Twelve nested quotes or lists on one line; each repetition eats its marker, so this is linear. */
const DEEP_LINE = /^(?:[ \t]{0,8}(?:>|[-*+][ \t]|\d{1,9}[.)][ \t])){12}/;
/** A list or quote marker behind 48 columns of space. */
const FAR_LINE = /^[ \t]{48,}(?:>|[-*+][ \t]|\d{1,9}[.)][ \t])/;
const MAX_EMPHASIS_MARKS = 400;
const MAX_BRACKETS = 2000;
const MAX_CELLS = 5000;
const MAX_COLUMNS = 60;

/** @typedef {{text: string, literal: boolean}} Segment */

/** A paragraph's text, before it is parsed for emphasis and links. @param {string} text */
export function tooIntricate(text) {
  let marks = 0;
  let brackets = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 42 || c === 95)
      marks++; // * _
    else if (c === 91 || c === 33 || c === 60) brackets++; // [ ! <
  }
  return marks > MAX_EMPHASIS_MARKS || brackets > MAX_BRACKETS;
}

/** Short rows are padded to the header's width, so a few kilobytes could become megabytes. */
export function tooManyCells(/** @type {{header: unknown[], rows: unknown[]}} */ table) {
  const columns = table.header.length;
  return columns > MAX_COLUMNS || columns * (table.rows.length + 1) > MAX_CELLS;
}

/**
 * Cut out the paragraphs nested too deep. Joined, the segments are the text.
 * @param {string} text @returns {Segment[]}
 */
export function segments(text) {
  /** @type {Segment[]} */
  const found = [];
  let start = 0;
  let literal = false;
  const push = (/** @type {number} */ end) => {
    if (end > start) found.push({ text: text.slice(start, end), literal });
    start = end;
  };
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf("\n", at) + 1 || text.length;
    const line = text.slice(at, Math.min(end, at + 400));
    if (literal && line.trim() === "") {
      push(at);
      literal = false;
    } else if (!literal && (DEEP_LINE.test(line) || FAR_LINE.test(line))) {
      push(at);
      literal = true;
    }
    at = end;
  }
  push(text.length);
  return found;
}
