/** Formulas as text: their TeX where the page carries it and it says what is drawn, else their characters. */
import { attribute, childNodes, find, localName } from "./dom.js";

/** @param {Element} element @param {string} name */
export function isMath(element, name) {
  if (name === "math" || name === "mjx-container") return true;
  return name === "span" && /(^|\s)katex(\s|$)/.test(attribute(element, "class") ?? "");
}

/** @param {Element} element @returns {string} */
export function mathText(element) {
  const math = localName(element) === "math" ? element : find(element, "math");
  const drawn = find(element, ".katex-html");
  const characters = (math ? linear(math) : "") || (element.textContent ?? "");
  const seen = (drawn?.textContent ?? characters).replace(/\s+/g, "");
  const tex = (find(element, 'annotation[encoding="application/x-tex"]')?.textContent ?? "").trim();
  return tex && says(tex, seen) ? tex : characters.trim();
}

/** The source of a formula is not seen: no word stands in it that is not drawn. @param {string} tex @param {string} seen */
function says(tex, seen) {
  const named = tex.replace(/\\[a-zA-Z]+/g, " ");
  return (named.match(/\p{L}{3,}/gu) ?? []).every((word) => seen.includes(word));
}

const BETWEEN = /** @type {Record<string, string>} */ ({ mfrac: "/", msup: "^", msub: "_" });

/** @param {Element} element @returns {string} */
function linear(element) {
  const name = localName(element);
  if (name === "annotation" || name === "annotation-xml") return "";
  const parts = [];
  for (const node of childNodes(element)) {
    if (node.nodeType === Node.ELEMENT_NODE) parts.push(linear(/** @type {Element} */ (node)));
    else if (node.nodeType === Node.TEXT_NODE) parts.push((node.nodeValue ?? "").trim());
  }
  const text = parts.filter(Boolean);
  if (name === "msqrt") return `√(${text.join("")})`;
  if (name === "msubsup" && text.length === 3) return `${text[0]}_${text[1]}^${text[2]}`;
  if (name === "mo") return ` ${text.join("")} `;
  const between = BETWEEN[name];
  if (between) return text.map((part) => grouped(part)).join(between);
  return text.join("").replace(/\s+/g, " ");
}

/** @param {string} part */
const grouped = (part) =>
  /^[\p{L}\p{N}.]+$/u.test(part.trim()) ? part.trim() : `(${part.trim()})`;
