/**
 * What the user's last click in each tab led to, kept only to explain why a page cannot be read:
 * whether it may be read is always asked of the browser itself.
 */

const key = (/** @type {number} */ tab_id) => `click:${tab_id}`;

/** @typedef {"granted" | "refused"} Click what the user's last click in a tab led to */

/** @param {chrome.tabs.Tab} tab as the click's event gave it */
export async function rememberClick(tab) {
  if (tab.id === undefined) return;
  // A click that gave access also shows the address; a source view or a data: page gives neither.
  await chrome.storage.session.set({ [key(tab.id)]: tab.url ? "granted" : "refused" });
}

/** @param {number} tab_id @returns {Promise<Click | null>} null: no click yet */
export async function lastClick(tab_id) {
  const found = await chrome.storage.session.get(key(tab_id));
  return /** @type {Click | undefined} */ (found[key(tab_id)]) ?? null;
}

/** A new document in the tab can be clicked with another outcome. @param {number} tab_id */
export async function forgetRefusal(tab_id) {
  if ((await lastClick(tab_id)) === "refused") await forgetClick(tab_id);
}

/** @param {number} tab_id */
export const forgetClick = (tab_id) => chrome.storage.session.remove(key(tab_id));
