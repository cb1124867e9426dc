/** Where a block stands in the document, so that a later look finds it again: steps in from the root. */
import { childNodes, frameDocument, localName, parentNode, rootOf, shadowOf } from "./dom.js";

/**
 * "1.0s2f1": element children by number; "s" enters a shadow root, "f" a frame's document.
 * @param {Element} element
 */
export function placeOf(element) {
  let place = "";
  for (let at = /** @type {Element} */ (element); ; ) {
    const parent = parentNode(at);
    if (!parent) return place;
    if (parent.nodeType === Node.DOCUMENT_NODE) {
      const frame = /** @type {Document} */ (parent).defaultView?.frameElement;
      if (!frame || at.ownerDocument === document) return place.replace(/^\./, "");
      place = `f${place.replace(/^\./, "")}`;
      at = frame;
      continue;
    }
    place = `.${elementsOf(parent).indexOf(at)}${place}`;
    if (parent.nodeType === Node.DOCUMENT_FRAGMENT_NODE) {
      place = `s${place.slice(1)}`;
      at = /** @type {ShadowRoot} */ (/** @type {unknown} */ (parent)).host;
    } else at = /** @type {Element} */ (/** @type {unknown} */ (parent));
  }
}

/** @param {string} place @returns {Element | null} null when the page no longer has it */
export function elementAt(place) {
  let at = /** @type {Element | null} */ (rootOf(document));
  for (const [, way, number] of place.matchAll(/([.sf]|^)(\d*)/g)) {
    if (!at) return null;
    /** @type {Node | null} */
    let from = at;
    if (way === "s") from = shadowOf(at);
    if (way === "f") {
      const inner = frameDocument(at);
      from = at = inner && rootOf(inner);
    }
    if (number) at = (from && elementsOf(from)[Number(number)]) ?? null;
  }
  return at;
}

/** @param {Node} parent @returns {Element[]} */
function elementsOf(parent) {
  const children = [...childNodes(parent)];
  return /** @type {Element[]} */ (
    children.filter(
      (node) => node.nodeType === Node.ELEMENT_NODE && localName(/** @type {Element} */ (node)),
    )
  );
}
