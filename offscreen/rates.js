/** How fast each model read its prompts here, kept for what a change of models costs. @import { Usage } from "../shared/contract.js" */

/** @typedef {import("./storage/client.js").Storage} Storage */

/** Fewer tokens than this say nothing about a speed. */
const MIN_TOKENS = 64;
const nameOf = (/** @type {string} */ model_id) => `prefill_tokens_per_s ${model_id}`;

/** @param {Storage} storage @param {string} model_id @param {Usage} usage */
export async function keepRate(storage, model_id, { prefilled_tokens, prefill_tokens_per_s }) {
  if (!prefill_tokens_per_s || prefilled_tokens < MIN_TOKENS) return;
  // Only a convenience: a full disk must not stop the answer.
  await storage.writeChoice(nameOf(model_id), String(prefill_tokens_per_s)).catch(() => {});
}

/** Null until it was measured. @param {Storage} storage @param {string} model_id @returns {Promise<number | null>} */
export async function readRate(storage, model_id) {
  const kept = Number(await storage.readChoice(nameOf(model_id)).catch(() => null));
  return Number.isFinite(kept) && kept > 0 ? kept : null;
}
