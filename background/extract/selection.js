/** The text the user selected: in the page, in a text field, in a shadow root or in a frame of the same site. */
import { frameDocument, localName, parentNode } from "./dom.js";
import { tidy } from "./text-builder.js";
import { isSeen } from "./visibility.js";

/** @param {Document} doc @returns {string} "" when nothing is selected */
export function selectedText(doc, depth = 0) {
  if (depth > 5) return "";
  let active = doc.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  const focused = active ? frameDocument(active) : null;
  const first = (focused && selectedText(focused, depth + 1)) || fieldSelection(active);
  if (first !== null) return first;
  const own = seenText(doc.getSelection(), active) || shadowSelection(active);
  if (own) return own;
  for (const frame of doc.querySelectorAll("iframe, frame")) {
    const inner = frameDocument(frame);
    const text = inner ? selectedText(inner, depth + 1) : "";
    if (text) return text;
  }
  return "";
}

/** @param {Element | null} field @returns {string | null} null when it is no text field that is seen */
function fieldSelection(field) {
  const name = field && localName(field);
  if (!field || (name !== "input" && name !== "textarea") || !isSeen(field)) return null;
  const { type, value, selectionStart: start, selectionEnd: end } = /** @type {any} */ (field);
  if (start === null) return null; // no caret, as in a check box
  // Never a password: not even its length, which is what the document's selection would give.
  return type === "password" ? "" : tidy(value.slice(start, end));
}

/** Chromium keeps a shadow root's selection to itself. @param {Element | null} active */
function shadowSelection(active) {
  const root = /** @type {any} */ (active?.getRootNode());
  return seenText(root?.getSelection?.() ?? null, active);
}

/**
 * What is seen of a selection: hidden text can lie between two words, and a page selects what it likes.
 * @param {Selection | null} selection @param {Element | null} active
 */
function seenText(selection, active) {
  if (!selection?.rangeCount || selection.isCollapsed) return "";
  const range = selection.getRangeAt(0);
  const parts = textsOf(range);
  const field = active && /^(input|textarea)$/.test(localName(active));
  // The browser knows best where lines end, but in a focused field it tells the field's selection.
  if (!field && parts.every(({ seen }) => seen)) return tidy(selection.toString());
  let text = "";
  /** @type {Element | null} */
  let block = null;
  for (const part of parts) {
    if (!part.seen) continue;
    if (part.block !== block) text += "\n";
    block = part.block;
    text += part.text;
  }
  return tidy(text);
}

/** The pieces of text in a range, in order. @param {Range} range */
function textsOf(range) {
  const { startContainer, startOffset, endContainer, endOffset, commonAncestorContainer } = range;
  const doc = startContainer.ownerDocument ?? document;
  const nodes = [];
  const walker = doc.createTreeWalker(commonAncestorContainer, NodeFilter.SHOW_TEXT);
  for (
    let node = /** @type {Node | null} */ (
      commonAncestorContainer.nodeType === Node.TEXT_NODE
        ? commonAncestorContainer
        : walker.nextNode()
    );
    node;
    node = walker.nextNode()
  ) {
    if (range.intersectsNode(node)) nodes.push(/** @type {Text} */ (node));
  }
  /** @type {Map<Element, {seen: boolean, block: Element}>} */
  const known = new Map();
  return nodes.flatMap((node) => {
    const from = node === startContainer ? startOffset : 0;
    const text = node.data.slice(from, node === endContainer ? endOffset : undefined);
    const parent = /** @type {Element | null} */ (parentNode(node));
    if (!text.trim() || parent?.nodeType !== Node.ELEMENT_NODE) return [];
    const found = known.get(parent) ?? { seen: isSeen(parent), block: blockOf(parent) };
    known.set(parent, found);
    const lines = getComputedStyle(parent).whiteSpace.startsWith("pre");
    return [{ ...found, text: lines ? text : text.replace(/\s+/g, " ") }];
  });
}

/** @param {Element} element the nearest that is not part of a line */
function blockOf(element) {
  let at = element;
  while (/^(inline|contents)$/.test(getComputedStyle(at).display)) {
    const outer = parentNode(at);
    if (outer?.nodeType !== Node.ELEMENT_NODE) break;
    at = /** @type {Element} */ (outer);
  }
  return at;
}
