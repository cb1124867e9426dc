/** A chat's title, whatever the model: no model is asked for one. */

const TITLE_CHARS = 60;

/** First words of the first message. @param {string} text */
export function titleOf(text) {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length <= TITLE_CHARS ? line : `${line.slice(0, TITLE_CHARS - 1).trimEnd()}…`;
}
