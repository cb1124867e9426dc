/** How fast each model read its prompts here, kept for what a change of models costs. @import { Usage } from "../shared/contract.js" */

/** @typedef {import("./storage/client.js").Storage} Storage */

/** Fewer tokens than this say nothing about a speed, and nothing reads faster than that: it is Python's word. */
const MIN_TOKENS = 64;
const MAX_TOKENS_PER_S = 1e6;

/** @param {Storage} storage @param {string} model_id @param {Usage} usage */
export async function keepRate(storage, model_id, { prefilled_tokens, prefill_tokens_per_s }) {
  if (!prefill_tokens_per_s || prefilled_tokens < MIN_TOKENS) return;
  if (!(prefill_tokens_per_s > 0 && prefill_tokens_per_s < MAX_TOKENS_PER_S)) return;
  // Only a convenience: a full disk must not stop the answer.
  await storage.writeRate(model_id, prefill_tokens_per_s).catch(() => {});
}

/** Null until it was measured. @param {Storage} storage @param {string} model_id @returns {Promise<number | null>} */
export async function readRate(storage, model_id) {
  return storage.readRate(model_id).catch(() => null);
}
