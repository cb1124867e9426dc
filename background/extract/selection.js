/** The text the user selected: in the page, in a text field, in a shadow root or in a frame of the same site. */
import { frameDocument, localName } from "./dom.js";
import { tidy } from "./text-builder.js";

/** @param {Document} doc @returns {string} "" when nothing is selected */
export function selectedText(doc, depth = 0) {
  if (depth > 5) return "";
  let active = doc.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  const focused = active ? frameDocument(active) : null;
  const first = (focused && selectedText(focused, depth + 1)) || fieldSelection(active);
  if (first !== null) return first;
  const own = tidy(doc.getSelection()?.toString() ?? "") || shadowSelection(active);
  if (own) return own;
  for (const frame of doc.querySelectorAll("iframe, frame")) {
    const inner = frameDocument(frame);
    const text = inner ? selectedText(inner, depth + 1) : "";
    if (text) return text;
  }
  return "";
}

/** @param {Element | null} field @returns {string | null} null when it is no text field */
function fieldSelection(field) {
  const name = field && localName(field);
  if (name !== "input" && name !== "textarea") return null;
  const { type, value, selectionStart: start, selectionEnd: end } = /** @type {any} */ (field);
  if (start === null) return null; // no caret, as in a check box
  // Never a password: not even its length, which is what the document's selection would give.
  return type === "password" ? "" : tidy(value.slice(start, end));
}

/** Chromium keeps a shadow root's selection to itself. @param {Element | null} active */
function shadowSelection(active) {
  const root = /** @type {any} */ (active?.getRootNode());
  return tidy(root?.getSelection?.()?.toString() ?? "");
}
