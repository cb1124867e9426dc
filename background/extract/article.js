/** What Readability takes for the article: marks of the elements it kept, and texts it set apart. */
import { Readability } from "@mozilla/readability";
import { MARK } from "./copier.js";

/**
 * @param {Element} root the copy that the walk made
 * @returns {import("./pieces.js").Keep | null} null: not an article
 */
export function readArticle(root) {
  const doc = root.ownerDocument;
  let content;
  try {
    const options = { disableJSONLD: true, serializer: (/** @type {Node} */ node) => node };
    content = /** @type {Element | null | undefined} */ (
      new Readability(doc, options).parse()?.content
    );
  } catch (error) {
    console.debug("Sidelight: Readability gave up:", error);
  }
  if (!content) return null;
  /** @type {Set<number>} */
  const marks = new Set();
  /** Texts that it wrapped in elements of its own. @type {Set<string>} */
  const texts = new Set();
  for (const element of [content, ...content.querySelectorAll("*")]) {
    let marked = false;
    for (const name of element.getAttributeNames()) {
      if (!name.startsWith(MARK)) continue;
      marks.add(Number(name.slice(MARK.length)));
      marked = true;
    }
    if (marked) continue;
    for (const node of element.childNodes) {
      const text = node.nodeType === Node.TEXT_NODE ? node.nodeValue?.trim() : "";
      if (text) texts.add(text);
    }
  }
  return (piece) => marks.has(piece.mark) || texts.has(piece.text.trim());
}
