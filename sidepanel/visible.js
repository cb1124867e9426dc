/** Untrusted text where the user decides by it: nothing in it may be unseen or turn the rest around. */

/** Controls, marks of direction, joiners, fillers, tags, lone surrogates, blanks and breaks without a look. */
export const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]/gu;
/** These have a look: tab, line feed, and the mark that makes an emoji coloured. */
const SEEN = new Set(["\t", "\n", "\ufe0f"]);

/** The text with what has no shape shown as its code. @param {string} text */
export function reveal(text) {
  return text.replace(UNSEEN, (unit) => {
    if (SEEN.has(unit)) return unit;
    const code = /** @type {number} */ (unit.codePointAt(0)).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
  });
}
