/**
 * DOM getters taken from the prototypes: a page's `<input name="childNodes">` or `<img name="title">`
 * replaces the property of its form or document, for us too, by accident or on purpose.
 */

/** @param {object} prototype @param {string} name @returns {(object: any) => any} */
function getter(prototype, name) {
  const get = /** @type {any} */ (Object.getOwnPropertyDescriptor(prototype, name)?.get);
  return (object) => get.call(object);
}

/** @type {(node: Node) => NodeListOf<ChildNode>} */
export const childNodes = getter(Node.prototype, "childNodes");
/** @type {(node: Node) => ParentNode | null} */
export const parentNode = getter(Node.prototype, "parentNode");
/** @type {(element: Element) => string} */
export const localName = getter(Element.prototype, "localName");
/** @type {(document: Document) => HTMLElement | null} */
export const bodyOf = getter(Document.prototype, "body");
/** @type {(document: Document) => HTMLElement | null} */
export const rootOf = getter(Document.prototype, "documentElement");
/** @type {(document: Document) => string} */
export const titleOf = getter(Document.prototype, "title");
/** @type {(document: Document) => Window | null} */
export const windowOf = getter(Document.prototype, "defaultView");

/** @type {(element: Element, name: string) => string | null} */
export const attribute = (element, name) => Element.prototype.getAttribute.call(element, name);
/** @type {(root: Element, selector: string) => Element | null} */
export const find = (root, selector) => Element.prototype.querySelector.call(root, selector);
/** @type {(document: Document, selector: string) => Element | null} */
export const findIn = (document, selector) =>
  Document.prototype.querySelector.call(document, selector);

/** Open and, where the browser lets an extension, closed shadow roots. @param {Element} element */
export function shadowOf(element) {
  const name = localName(element);
  // By node type: in a frame, classes are those of another realm and instanceof says no.
  if (element.shadowRoot?.nodeType === Node.DOCUMENT_FRAGMENT_NODE) return element.shadowRoot;
  if (!name.includes("-")) return null;
  const open = /** @type {any} */ (globalThis).chrome?.dom?.openOrClosedShadowRoot;
  return open ? /** @type {ShadowRoot | null} */ (open(element)) : null;
}

/** The document of a frame of the same site; null for any other. @param {Element} element */
export function frameDocument(element) {
  const name = localName(element);
  if (name !== "iframe" && name !== "frame") return null;
  try {
    return /** @type {HTMLIFrameElement} */ (element).contentDocument;
  } catch {
    return null;
  }
}
