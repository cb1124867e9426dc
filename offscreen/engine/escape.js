/**
 * The last gate before text reaches the tokenizer. Whatever the origin of a message, text that
 * spells a chat-control token would be tokenised as that token and could end the turn or open a
 * system message; it is broken up here. Markup of our own prompts (`<page>`, `<tool_call>`) passes:
 * whether it may occur in a text depends on the text's origin, which only the caller knows.
 */

/** The `<|...|>` form, used by most chat models; length-bounded so that prose does not match. */
const BRACKETED = /<\|(?=[^|<>\n]{1,64}\|>)/g;

/** @param {string} text */
const quote = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * A function that breaks up control tokens in a text: `<|im_end|>` becomes `< |im_end|>`.
 * @param {readonly string[]} control_tokens tokens of the model beyond the `<|...|>` form
 * @returns {(text: string) => string} idempotent
 */
export function controlTokenEscaper(control_tokens = []) {
  const others = control_tokens.filter((token) => token.length > 1 && !/^<\|.*\|>$/s.test(token));
  const pattern = others.length ? new RegExp(others.map(quote).join("|"), "g") : null;
  return (text) => {
    const escaped = text.replace(BRACKETED, "< |");
    return pattern ? escaped.replace(pattern, (token) => `${token[0]} ${token.slice(1)}`) : escaped;
  };
}

/**
 * Text for WebLLM's system template, which pastes it with `String.replace`: a lone `$` would start
 * a replacement pattern (`$$`, `$&`) and change the text.
 * @param {string} text
 */
export const escapeReplacement = (text) => text.replaceAll("$", "$$$$");
