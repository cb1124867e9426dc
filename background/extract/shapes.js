/** Tables and code: which is which, their rows and lines. */
import { attribute, childNodes, find, localName } from "./dom.js";
import { isAriaHidden, shownOf } from "./visibility.js";

/** Tables that only place things are read as blocks. @param {Element} table */
export function isDataTable(table) {
  if (/^(presentation|none)$/.test(attribute(table, "role") ?? "")) return false;
  if (find(table, "table, h1, h2, h3, article, section, form, iframe, pre, hr, p ~ p")) {
    return false;
  }
  return !!find(table, "th, caption, thead") || !!find(table, "tr > td + td");
}

/** Lines of code, each in a row, as sites show files. @param {Element} table */
export function isCodeTable(table) {
  const rows = rowsOf(table);
  const last = rows[0]?.lastElementChild;
  if (rows.length < 2 || !last || find(table, "th, caption")) return false;
  return rows.every((row) => {
    const { children } = row;
    if (children.length < 1 || children.length > 2) return false;
    const number = children.length === 2 ? (children[0]?.textContent ?? "").trim() : "";
    return /^\d*$/.test(number) && isPre(/** @type {Element} */ (row.lastElementChild));
  });
}

const isPre = (/** @type {Element} */ element) =>
  getComputedStyle(element).whiteSpace.startsWith("pre");

/** Its own rows, and its caption. @param {Element} table @returns {Element[]} */
export function rowsOf(table) {
  const rows = Element.prototype.querySelectorAll.call(table, "caption, tr");
  return [...rows].filter((row) => row.closest("table") === table);
}

/** @param {Element} item */
export function numberOf(item) {
  const list = item.parentElement;
  const first = Number((list && attribute(list, "start")) ?? 1) || 1;
  const items = [...(list?.children ?? [])].filter((child) => localName(child) === "li");
  return first + items.indexOf(item);
}

/**
 * Code keeps its lines, whichever way they are made.
 * @param {Element} element @param {boolean} own_text @param {Set<string>} never names that hold no text
 */
export function codeText(element, own_text, never) {
  let text = "";
  const collect = (/** @type {Node} */ node, /** @type {boolean} */ visible) => {
    if (node.nodeType === Node.TEXT_NODE && visible) text += /** @type {Text} */ (node).data;
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    const child = /** @type {Element} */ (node);
    const name = localName(child);
    if (name === "br") text += "\n";
    if (never.has(name) || name === "button" || isAriaHidden(child)) return;
    const shown = shownOf(child, getComputedStyle(child));
    if (shown === "none") return;
    const line = name === "div" || name === "li" || name === "tr";
    if (line && text && !text.endsWith("\n")) text += "\n";
    for (const inner of childNodes(child)) collect(inner, shown === "all");
  };
  for (const inner of childNodes(element)) collect(inner, own_text);
  return text;
}
