/**
 * Jobs started outside the panel, parked in storage.session until the window's panel takes them.
 * @import { Handoff } from "../shared/contract.js"
 */

/** A job that no panel took is stale: opening the panel later must not run it by surprise. */
const EXPIRES_MS = 120_000;

const key = (/** @type {number} */ window_id) => `handoff:${window_id}`;

/** @param {number} window_id @param {Handoff} handoff */
export async function parkHandoff(window_id, handoff) {
  await chrome.storage.session.set({ [key(window_id)]: { handoff, parked_at_ms: Date.now() } });
}

/**
 * Each job is handed out once, also when two panels ask at the same time.
 * @param {number} window_id @returns {Promise<Handoff | null>}
 */
export function takeHandoff(window_id) {
  return navigator.locks.request(key(window_id), async () => {
    const found = await chrome.storage.session.get(key(window_id));
    const parked = /** @type {{handoff: Handoff, parked_at_ms: number} | undefined} */ (
      found[key(window_id)]
    );
    if (!parked) return null;
    await dropHandoff(window_id);
    return Date.now() - parked.parked_at_ms < EXPIRES_MS ? parked.handoff : null;
  });
}

/** @param {number} window_id */
export const dropHandoff = (window_id) => chrome.storage.session.remove(key(window_id));
