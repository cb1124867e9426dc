/** What a screen reader hears: whole sentences of an answer, never single tokens. */

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });
const SAY_EVERY_MS = 1500;

/**
 * Split off the sentences that are complete. The last one may still grow, so it stays, unless `done`.
 * @param {string} text @param {boolean} done @returns {{said: string, rest: string}}
 */
export function completeSentences(text, done) {
  if (done) return { said: text.trim(), rest: "" };
  const parts = [...segmenter.segment(text)].map(({ segment }) => segment);
  const rest = parts.pop() ?? "";
  return { said: parts.join("").trim(), rest };
}

/** Markup signs are noise when spoken. @param {string} text */
export const spoken = (text) => text.replace(/[*_`#>|~]+/g, "").replace(/\[(\d+)\]/g, "$1.");

/** @type {string[]} */
let queue = [];
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

function flush() {
  timer = undefined;
  const region = document.getElementById("announcer");
  if (region) region.textContent = queue.join(" ");
  queue = [];
}

/** @param {string} text @param {boolean} [urgent] say at once */
export function announce(text, urgent = false) {
  if (!text) return;
  queue.push(text);
  if (urgent) {
    clearTimeout(timer);
    flush();
  } else timer ??= setTimeout(flush, SAY_EVERY_MS);
}

/** Follows the words of one answer. */
export class SentenceReader {
  taken_chars = 0;
  rest = "";

  /** @param {string} text all of it so far @param {boolean} done */
  read(text, done) {
    const fresh = text.slice(this.taken_chars);
    this.taken_chars = text.length;
    const { said, rest } = completeSentences(this.rest + fresh, done);
    this.rest = rest;
    announce(spoken(said));
  }
}
