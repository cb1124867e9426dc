/** The article of a page by Readability, on a copy from which everything unseen is taken out first. */
import { Readability } from "@mozilla/readability";
import { shownOf } from "./visibility.js";
import { walk } from "./walker.js";

/** Readability cannot be interrupted: larger pages go without (about 5 ms for 1,000 elements). */
const MAX_ELEMENTS = 15_000;

/**
 * @param {import("./walker.js").Options} options
 * @returns {string | null} its text; null: not an article, or too large
 */
export function readArticle(options) {
  if (document.contentType !== "text/html") return null;
  try {
    const live = Document.prototype.getElementsByTagName.call(document, "*");
    if (live.length > MAX_ELEMENTS) return null;
    const copy = visibleCopy(live);
    if (!copy || performance.now() > options.deadline_ms) return null;
    const parsed = new Readability(copy, {
      maxElemsToParse: MAX_ELEMENTS,
      disableJSONLD: true,
      serializer: (node) => node,
    }).parse();
    if (!parsed?.content) return null;
    const element = /** @type {Element} */ (parsed.content);
    return walk(element, { ...options, live: false }).text;
  } catch (error) {
    console.debug("Sidelight: Readability gave up:", error);
    return null;
  }
}

/**
 * Element n of the copy is element n of the page, so the layout of one tells what to drop in the other.
 * @param {HTMLCollectionOf<Element>} live
 */
function visibleCopy(live) {
  const copy = /** @type {Document} */ (Document.prototype.cloneNode.call(document, true));
  const copied = [...copy.getElementsByTagName("*")];
  if (copied.length !== live.length) return null;
  /** @type {Array<ChildNode | undefined>} */
  const drop = [];
  const space = [];
  for (let n = 0; n < copied.length; n++) {
    const style = getComputedStyle(/** @type {Element} */ (live[n]));
    const name = copied[n]?.localName;
    if (name === "head" || copied[n]?.closest("head")) continue;
    const shown = shownOf(/** @type {Element} */ (live[n]), style);
    if (shown === "none") drop.push(copied[n]);
    else if (shown === "children") drop.push(...ownText(copied[n]));
    else if (
      /^(span|a|b|i|em|strong|label|small)$/.test(name ?? "") &&
      style.display !== "inline"
    ) {
      space.push(copied[n]);
    }
  }
  for (const element of space) element?.after(" ");
  for (const node of drop) node?.remove();
  return copy;
}

/** @param {Element | undefined} element */
const ownText = (element) =>
  [...(element?.childNodes ?? [])].filter((node) => node.nodeType === Node.TEXT_NODE);
