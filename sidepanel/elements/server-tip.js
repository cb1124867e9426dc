/** What a server's refusal most often comes from. */
import { S } from "../strings.js";

/** @typedef {import("../../shared/contract.js").ErrorData} ErrorData */

/**
 * Ollama refuses the origin of an extension with a bare 403: its own way out is added to what the error says.
 * @param {ErrorData} error @param {string} label @param {string} base_url @returns {ErrorData}
 */
export function withTip(error, label, base_url) {
  const said = `${error.code} ${error.message} ${error.hint}`;
  const ollama = /ollama/i.test(label) || new URL(base_url).port === "11434";
  if (said.includes("OLLAMA_ORIGINS") || !(ollama || /\b403\b/.test(said))) return error;
  if (/permission_refused|not_connected|disconnected/.test(error.code)) return error;
  return { ...error, hint: `${error.hint} ${S.ollama_tip}` };
}
