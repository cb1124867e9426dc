/**
 * Which tabs the user has granted by a click, kept only to explain a lost grant:
 * whether a page may be read is always asked of the browser itself.
 */

const key = (/** @type {number} */ tab_id) => `grant:${tab_id}`;

/** @param {chrome.tabs.Tab} tab */
export async function rememberGrant(tab) {
  if (tab.id === undefined) return;
  const origin = tab.url && URL.canParse(tab.url) ? new URL(tab.url).origin : "";
  await chrome.storage.session.set({ [key(tab.id)]: origin });
}

/**
 * The origin granted last in this tab; "" when it was not known, null when there was no grant.
 * @param {number} tab_id @returns {Promise<string | null>}
 */
export async function lastGrant(tab_id) {
  const found = await chrome.storage.session.get(key(tab_id));
  const origin = found[key(tab_id)];
  return typeof origin === "string" ? origin : null;
}

/** @param {number} tab_id */
export const forgetGrant = (tab_id) => chrome.storage.session.remove(key(tab_id));
