/** Puts text together: white space as a reader sees it, blank lines between blocks, code untouched. */

/** Characters that show nothing; the last range can carry hidden messages ("tag" characters). */
const INVISIBLE = /[\u00ad\u200b\u2060\ufeff]|[\u{e0000}-\u{e007f}]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/** Half a surrogate pair: not text, and refused by strict readers of UTF-8. */
const HALF_CHARACTER = /\p{Surrogate}/gu;

/** @param {string} text */
export const clean = (text) =>
  text
    .replace(/\r\n?/g, "\n")
    .replace(INVISIBLE, "")
    .replace(CONTROL, "")
    .replace(HALF_CHARACTER, "\ufffd");

/** White space of a text that already has its lines: at most one space, at most one blank line. */
export function tidy(/** @type {string} */ text) {
  return clean(text)
    .replace(/[^\S\n]+/g, " ")
    .replace(/ ?\n ?/g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

export class TextBuilder {
  constructor() {
    this.text = "";
    /** Line breaks owed before the next text. */
    this.owed = 0;
    this.space = false;
    /** List marker or heading mark, written only if text follows. */
    this.prefix = "";
    this.indent = "";
    /** Where the newest text starts, after its mark. */
    this.wrote = 0;
  }

  /** Inline text: runs of white space become one space. @param {string} raw */
  inline(raw) {
    const text = clean(raw).replace(/\s+/g, " ");
    if (!text) return;
    if (text === " ") {
      this.space = true;
      return;
    }
    this.#lead(text.startsWith(" "));
    this.text += text.trim();
    this.space = text.endsWith(" ");
  }

  /** Text kept line by line, as code is. @param {string} raw */
  verbatim(raw) {
    const text = clean(raw).replace(/^\n+|\s+$/g, "");
    if (!text) return;
    this.gap(2);
    this.#lead(false);
    const inner = this.indent ? text.replace(/\n/g, `\n${this.indent}`) : text;
    this.text += `\`\`\`\n${this.indent}${inner}\n${this.indent}\`\`\``;
    this.gap(2);
  }

  /** At least this many line breaks before what comes next. @param {number} breaks */
  gap(breaks) {
    this.owed = Math.max(this.owed, breaks);
    this.space = false;
  }

  /** @param {boolean} spaced */
  #lead(spaced) {
    if (this.text && this.owed) {
      this.text += "\n".repeat(this.owed) + (this.prefix ? "" : this.indent);
    } else if (this.text && (spaced || this.space) && !this.prefix) this.text += " ";
    this.text += this.prefix;
    this.wrote = this.text.length;
    this.prefix = "";
    this.owed = 0;
    this.space = false;
  }
}
