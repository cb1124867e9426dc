/**
 * What the panel remembers by itself: drafts, the open conversation of each window, what is attached.
 * @import { AttachChoice } from "./types.js"
 */
import { browser } from "../shared/bus.js";

const LAST = "panel.last_conversation";
const windowKey = (/** @type {number} */ id) => `panel.window.${id}`;
const choiceKey = (/** @type {string} */ id) => `panel.attach.${id}`;
const draftKey = (/** @type {string} */ id) => `panel.draft.${id}`;

/**
 * Drafts are in localStorage because it is synchronous: the last keystroke before the panel closes is kept.
 * @param {string} conversation_id
 */
export function readDraft(conversation_id) {
  try {
    return localStorage.getItem(draftKey(conversation_id)) ?? "";
  } catch {
    return "";
  }
}

/** False when it could not be stored. @param {string} conversation_id @param {string} text */
export function writeDraft(conversation_id, text) {
  try {
    if (text) localStorage.setItem(draftKey(conversation_id), text);
    else localStorage.removeItem(draftKey(conversation_id));
    return true;
  } catch {
    return false;
  }
}

/** A draft that was sent and is stored now, unless it was changed meanwhile. */
export function dropDraft(/** @type {string} */ conversation_id, /** @type {string} */ text) {
  if (readDraft(conversation_id) === text) writeDraft(conversation_id, "");
}

/** The conversation id of the first paint, before any asynchronous answer. */
export function lastConversation() {
  try {
    return localStorage.getItem(LAST);
  } catch {
    return null;
  }
}

/** @returns {Promise<number | null>} */
export async function currentWindowId() {
  try {
    return (await browser.windows.getCurrent()).id ?? null;
  } catch {
    return null;
  }
}

/**
 * This window's conversation. A window that has none takes the last one used, unless another open window
 * shows it; null means a new one.
 * @param {number | null} window_id @returns {Promise<string | null>}
 */
export async function conversationOfWindow(window_id) {
  const last = lastConversation();
  try {
    const open = await browser.windows.getAll();
    const keys = open.flatMap((w) => (w.id === undefined ? [] : [windowKey(w.id)]));
    const kept = await browser.storage.session.get(keys);
    const own = window_id === null ? undefined : kept[windowKey(window_id)];
    if (typeof own === "string") return own;
    return Object.values(kept).includes(last) ? null : last;
  } catch {
    return last;
  }
}

/** @param {number | null} window_id @param {string} conversation_id */
export function rememberConversation(window_id, conversation_id) {
  try {
    localStorage.setItem(LAST, conversation_id);
  } catch {}
  if (window_id === null) return;
  browser.storage.session.set({ [windowKey(window_id)]: conversation_id }).catch(() => {});
}

/** @param {string} conversation_id @returns {Promise<AttachChoice>} */
export async function readChoice(conversation_id) {
  const none = { on: false, origin: null, read_document_id: null };
  try {
    const kept = await browser.storage.session.get(choiceKey(conversation_id));
    return { ...none, .../** @type {object} */ (kept[choiceKey(conversation_id)] ?? {}) };
  } catch {
    return none;
  }
}

/** @param {string} conversation_id @param {AttachChoice} choice */
export function writeChoice(conversation_id, choice) {
  browser.storage.session.set({ [choiceKey(conversation_id)]: choice }).catch(() => {});
}

/** Nothing of a deleted conversation stays, its unsent words included. @param {string} conversation_id */
export function forgetConversation(conversation_id) {
  writeDraft(conversation_id, "");
  browser.storage.session.remove(choiceKey(conversation_id)).catch(() => {});
}

/** Was the user told that chats go to this host? @param {string} host */
export function readTold(host) {
  try {
    return localStorage.getItem(`panel.told.${host}`) !== null;
  } catch {
    return false;
  }
}

/** @param {string} host */
export function writeTold(host) {
  try {
    localStorage.setItem(`panel.told.${host}`, "yes");
  } catch {} // told again the next time
}
