/**
 * Asks the browser, by a harmless script, whether a tab's document may be read, and which one it is.
 * @import { Refusal } from "./refusals.js"
 */
import { refusalOf } from "./refusals.js";

/**
 * @typedef {object} SeenPage
 * @property {true} ok
 * @property {string} document_id
 * @property {string} origin "https://host", or "file://"
 * @property {string} host
 * @property {string} url
 * @property {string} title
 * @property {string} content_type
 * @property {boolean} loading
 * @property {boolean} has_text
 */

/** A page that shows a dialog or runs a long script answers nothing until that ends. */
const ANSWER_WITHIN_MS = 3000;

/** The page's process learns of a grant a moment after we do: until then it refuses every script. */
const GRANT_ARRIVES_MS = [50, 150, 300, 600];

/**
 * Runs in the page: sent as text, so it may use nothing outside itself.
 * It stops at the first visible text, so it costs nothing on long pages.
 */
function lookAround() {
  const drawn = (/** @type {Element | null} */ element) =>
    !!element?.checkVisibility({ checkVisibilityCSS: true }) &&
    !element.closest("script, style, noscript, template");
  const hasText = (/** @type {Node} */ root, depth = 0) => {
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      if (texts.currentNode.nodeValue?.trim() && drawn(texts.currentNode.parentElement))
        return true;
    }
    if (depth > 4) return false;
    const elements = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT);
    for (let count = 0; elements.nextNode() && count < 20_000; count++) {
      const element = /** @type {any} */ (elements.currentNode);
      const inner =
        element.shadowRoot ??
        (element.localName.includes("-") &&
          globalThis.chrome?.dom?.openOrClosedShadowRoot(element)) ??
        (element.localName === "iframe" || element.localName === "frame"
          ? element.contentDocument?.body
          : null);
      if (inner && hasText(inner, depth + 1)) return true;
    }
    return false;
  };
  return {
    url: location.href,
    origin: location.protocol === "file:" ? "file://" : location.origin,
    host: location.host,
    title: document.title,
    content_type: document.contentType,
    loading: document.readyState === "loading",
    has_text: hasText(document.body ?? document),
  };
}

/**
 * @param {chrome.scripting.InjectionTarget} target
 * @param {string} [url] the tab's url where it is known, to explain a refusal
 * @returns {Promise<SeenPage | (Refusal & {ok: false})>}
 */
export async function probe(target, url) {
  const granted = /^https?:/.test(url ?? ""); // without a grant no address is shown
  for (const wait_ms of granted ? GRANT_ARRIVES_MS : []) {
    const seen = await lookOnce(target, url);
    if (seen.ok || seen.code !== "needs_click") return seen;
    await new Promise((done) => setTimeout(done, wait_ms));
  }
  return lookOnce(target, url);
}

/** @type {typeof probe} */
async function lookOnce(target, url) {
  try {
    const [injection] = await inTime(
      // At once: a page that never finishes loading can be read all the same.
      chrome.scripting.executeScript({ target, func: lookAround, injectImmediately: true }),
    );
    const seen = injection && checked(injection.result, injection.documentId);
    return seen ?? { ok: false, ...refusalOf("", url) };
  } catch (error) {
    return { ok: false, ...refusalOf(error instanceof Error ? error.message : String(error), url) };
  }
}

const text = (/** @type {unknown} */ value) => (typeof value === "string" ? value : "");

/**
 * A page can name an element "title" and so change what a script reads as its title: only the
 * address, which no page can change, must be there as it should.
 * @param {any} seen @param {string} document_id @returns {SeenPage | null}
 */
function checked(seen, document_id) {
  const address = [seen?.url, seen?.origin, seen?.host];
  if (!address.every((part) => typeof part === "string")) return null;
  const { url, origin, host } = seen;
  const [title, content_type] = [text(seen.title), text(seen.content_type)];
  const [loading, has_text] = [seen.loading === true, seen.has_text === true];
  return { ok: true, document_id, url, origin, host, title, content_type, loading, has_text };
}

/**
 * @template T @param {Promise<T>} answer @returns {Promise<T>}
 */
export function inTime(answer, within_ms = ANSWER_WITHIN_MS) {
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("The page did not answer in time.")), within_ms);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
