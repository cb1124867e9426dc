/**
 * What the user attached becomes labelled blocks; what was read is told to the panel.
 * @import { ContextBlock, ContextRef, TurnEventBody } from "../shared/contract.js"
 */
import { request } from "../shared/bus.js";
import { problem } from "../shared/errors.js";

/**
 * @param {ContextRef[]} refs @param {(event: TurnEventBody) => void} emit
 * @returns {Promise<ContextBlock[]>}
 */
export async function resolveContext(refs, emit) {
  /** @type {ContextBlock[]} */
  const blocks = [];
  for (const ref of refs) {
    if (ref.block) blocks.push(ref.block);
    else if (ref.page) {
      emit({ type: "turn.status", stage: "reading_page", detail: ref.page.origin });
      const mode = ref.kind === "selection" ? "selection" : "page";
      blocks.push((await request({ type: "background.read_page", page: ref.page, mode })).block);
    } else {
      throw problem("empty_context", "The attached context was empty.", "Attach it again.");
    }
  }
  for (const { kind, origin, title, url, text, total_chars } of blocks) {
    emit({ type: "turn.context", kind, origin, title, url, read_chars: text.length, total_chars });
  }
  return blocks;
}
