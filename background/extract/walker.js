/**
 * Walks a live page once: what can be seen becomes pieces, shadow roots and frames of the same site
 * included. Headings get "# ", entries "- ", table rows "a | b", code is fenced.
 */

import { Copier } from "./copier.js";
import { attribute, bodyOf, childNodes, find, frameDocument, localName, shadowOf } from "./dom.js";
import { isMath, mathText } from "./maths.js";
import { kindOf, reasonOf } from "./names.js";
import { Pieces } from "./pieces.js";
import { codeText, isCodeTable, isDataTable, numberOf, rowsOf } from "./shapes.js";
import { isAriaHidden, isFaint, isInkless, isInside, paperOf, shownOf } from "./visibility.js";

/** @import { Reason } from "./pieces.js" */

const words = (/** @type {string} */ text) => new Set(text.split(" "));
/** No text of the page; what the user typed into a form is theirs and is not read. */
const NEVER = words(
  "script style noscript template svg canvas object embed audio video select datalist input textarea progress meter map head link meta title math-field",
);
const PARAGRAPHS = words(
  "p blockquote ul ol dl table pre figure section article main details fieldset hgroup",
);
const LINES = words(
  "div li tr dt dd figcaption address summary legend caption header footer aside nav form center body html menu search optgroup frameset",
);

/**
 * @typedef {object} Options
 * @property {number} deadline_ms performance.now() at which to stop
 * @property {number} max_chars
 * @property {boolean} [copy] make the copy for Readability
 */

/** @param {Element} root @param {Options} options @returns {Pieces} */
export function walk(root, options) {
  const walker = new Walker(root, options);
  walker.element(root);
  return Object.assign(walker.pieces, {
    complete: !walker.stopped,
    copy: walker.copier?.root ?? null,
  });
}

class Walker {
  pieces = new Pieces();
  seen = 0;
  chars = 0;
  stopped = false;
  depth = 0;
  indent = "";
  /** @type {Reason | null} of the outermost element that has one */
  reason = null;
  /** @type {Element | null} */
  link = null;
  block = -1;
  /** @type {string | null} */
  paper = "rgb(255, 255, 255)";
  /** The text that comes next is drawn in the colour of its paper. */
  inkless = false;
  /** @type {Map<Element, number>} */
  known = new Map();

  /** @param {Element} root @param {Options} options */
  constructor(root, options) {
    this.options = options;
    this.page_chars = root.textContent?.length ?? 0;
    this.copier = options.copy ? new Copier() : null;
    const scheme = getComputedStyle(root.ownerDocument.documentElement).colorScheme;
    if (scheme.includes("dark")) this.paper = null;
  }

  /** Looked at every 256 elements: asking the clock each time would cost more than the walk. */
  get #over() {
    this.seen += 1;
    if (this.seen % 256 === 0) {
      this.stopped ||=
        performance.now() > this.options.deadline_ms || this.chars > this.options.max_chars;
    }
    return this.stopped;
  }

  /** @param {Element} element */
  element(element) {
    // Deeper than any page a person wrote; the stack must not overflow on a hostile one.
    if (this.#over || this.depth > 500) return;
    const name = localName(element);
    if (NEVER.has(name) || attribute(element, "role") === "textbox") return;
    const style = getComputedStyle(element);
    const shown = shownOf(element, style);
    if (shown === "none") return this.#hide(element);
    const { reason, link, block, paper, inkless } = this;
    this.reason ??= this.#reasonOf(element, name, style);
    this.paper = paperOf(style, paper);
    this.inkless = isInkless(style, this.paper);
    if (name === "a") this.link = element;
    this.depth += 1;
    const copied = this.reason ? null : this.copier?.open(element, name, style.display);
    // Boxes side by side have no white space between them, but are read apart.
    const spaced = style.display !== "inline" && style.display !== "contents";
    this.#write(element, name, shown === "all", spaced);
    if (copied) this.copier?.close(copied);
    this.depth -= 1;
    Object.assign(this, { reason, link, block, paper, inkless });
  }

  /** @param {Element} element @param {string} name @param {CSSStyleDeclaration} style @returns {Reason | null} */
  #reasonOf(element, name, style) {
    if (isFaint(style)) return "faint";
    return reasonOf(element, name, this.page_chars) ?? (isAriaHidden(element) ? "veiled" : null);
  }

  /** @param {Element} element */
  #hide(element) {
    let chars = element.textContent?.length ?? 0;
    for (const no of Element.prototype.querySelectorAll.call(element, "script, style, template")) {
      chars -= no.textContent?.length ?? 0;
    }
    this.pieces.hidden_chars += Math.max(0, chars);
  }

  /** @param {"text" | "code"} op @param {string} text */
  #text(op, text) {
    const blank = !text.trim();
    if (blank && op === "code") return;
    const reason = this.reason ?? (this.inkless && !blank ? "faint" : null);
    this.chars += text.length;
    const mark = reason ? -1 : (this.copier?.text(text) ?? -1);
    this.pieces.add(op, { text, reason, block: this.block, link: this.link, mark });
  }

  #gap(/** @type {number} */ n) {
    this.pieces.add("gap", { n });
  }

  #enter(/** @type {Element} */ element) {
    let block = this.known.get(element);
    if (block === undefined) {
      const level = /^h([1-6])$/.exec(localName(element))?.[1];
      const { blocks } = this.pieces;
      block = blocks.push({ element, kind: kindOf(element), level: Number(level ?? 0) }) - 1;
      this.known.set(element, block);
    }
    this.block = block;
  }

  /** @param {Element} element @param {string} name @param {boolean} own_text @param {boolean} spaced */
  #write(element, name, own_text, spaced) {
    const { pieces } = this;
    if (name === "br") {
      this.copier?.add("br");
      return pieces.add("br");
    }
    if (name === "hr") return this.#gap(2);
    if (name === "wbr" || name === "img") return;
    if (isMath(element, name)) return this.#math(element, own_text, spaced);
    if (name === "pre") return this.#code(element, codeText(element, own_text, NEVER));
    const heading = /^h([1-6])$/.exec(name);
    if (heading) return this.#lines(element, 2, `${"#".repeat(Number(heading[1]))} `, own_text);
    if (name === "li") return this.#item(element, own_text);
    if (name === "table") {
      if (isCodeTable(element)) return this.#code(element, codeText(element, own_text, NEVER));
      if (isDataTable(element)) return this.#table(element);
    }
    if (name === "iframe" || name === "frame") return this.#frame(element);
    const main = name === "main" || attribute(element, "role") === "main";
    const start = pieces.list.length;
    // Inside a list item a blank line would end the list.
    if (PARAGRAPHS.has(name)) this.#lines(element, this.indent ? 1 : 2, "", own_text);
    else if (LINES.has(name)) this.#lines(element, 1, "", own_text);
    else {
      if (spaced) pieces.add("space");
      this.#children(element, own_text);
      if (spaced) pieces.add("space");
    }
    if (main) pieces.mains.push([start, pieces.list.length]);
  }

  /** @param {Element} element @param {boolean} own_text @param {boolean} spaced */
  #math(element, own_text, spaced) {
    if (!own_text) return;
    const block = spaced && localName(element) === "math";
    this.inkless = false;
    if (block) this.#gap(2);
    this.#text("text", mathText(element));
    if (block) this.#gap(2);
  }

  /** @param {Element} element @param {string} text */
  #code(element, text) {
    this.#enter(element);
    this.#text("code", text);
  }

  /** @param {Element} frame */
  #frame(frame) {
    const inner = frameDocument(frame);
    const body = inner && bodyOf(inner);
    if (!inner) this.pieces.closed_frames += 1;
    this.#gap(2);
    this.paper = "rgb(255, 255, 255)";
    if (body) this.element(body);
    this.#gap(2);
  }

  /** @param {Element} element @param {number} breaks @param {string} prefix @param {boolean} own_text */
  #lines(element, breaks, prefix, own_text) {
    this.#enter(element);
    this.#gap(breaks);
    if (prefix) this.pieces.add("prefix", { text: prefix });
    this.#children(element, own_text);
    if (prefix) this.pieces.add("prefix");
    this.#gap(breaks);
  }

  /** @param {Element} item @param {boolean} own_text */
  #item(item, own_text) {
    const { pieces, indent } = this;
    const parent = item.parentElement;
    const ordered = parent && localName(parent) === "ol";
    const value = /** @type {HTMLLIElement} */ (item).value || (ordered && numberOf(item));
    this.#enter(item);
    this.#gap(1);
    pieces.add("prefix", { text: `${indent}${ordered ? `${value}. ` : "- "}` });
    this.indent = `${indent}  `;
    pieces.add("indent", { text: this.indent });
    this.#children(item, own_text);
    this.indent = indent;
    pieces.add("prefix");
    pieces.add("indent", { text: indent });
    this.#gap(1);
  }

  /** @param {Element} element @param {boolean} own_text */
  #children(element, own_text) {
    if (localName(element) === "details" && attribute(element, "open") === null) {
      return this.#folded(element, own_text);
    }
    const shadow = shadowOf(element);
    if (shadow) return this.#nodes(childNodes(shadow), own_text);
    if (localName(element) === "slot") {
      const assigned = /** @type {HTMLSlotElement} */ (element).assignedNodes();
      if (assigned.length) return this.#nodes(assigned, own_text);
    }
    this.#nodes(childNodes(element), own_text);
  }

  /** Its children do not know that they are folded away. @param {Element} details @param {boolean} own_text */
  #folded(details, own_text) {
    const summary = find(details, ":scope > summary");
    for (const child of details.children) {
      if (child === summary) this.#nodes([child], own_text);
      else this.#hide(child);
    }
  }

  /** @param {Iterable<Node>} nodes @param {boolean} own_text */
  #nodes(nodes, own_text) {
    const { block } = this;
    for (const node of nodes) {
      if (node.nodeType === Node.TEXT_NODE) {
        const { data } = /** @type {Text} */ (node);
        if (own_text) this.#text("text", data);
        else this.pieces.hidden_chars += data.trim().length;
      } else if (node.nodeType === Node.ELEMENT_NODE) this.element(/** @type {Element} */ (node));
      if (this.stopped) return;
      this.block = block;
    }
  }

  /** @param {Element} table */
  #table(table) {
    const { pieces } = this;
    this.#gap(2);
    for (const row of rowsOf(table)) {
      if (this.#over) break;
      // A cell of a row that is not shown computes to table-cell all the same.
      const hides = (/** @type {Element} */ part) => {
        if (isAriaHidden(part) && this.reason !== "veiled") return true;
        return shownOf(part, getComputedStyle(part)) === "none";
      };
      if (hides(row) || isInside(row, table, hides)) {
        this.#hide(row);
        continue;
      }
      const caption = localName(row) === "caption";
      const copied = this.reason ? null : this.copier?.open(row, caption ? "caption" : "tr", "");
      pieces.add("row");
      for (const cell of caption ? [row] : row.children) {
        this.#enter(cell);
        pieces.add("cell", { block: this.block });
        this.element(cell);
        pieces.add("end");
      }
      pieces.add("end");
      if (copied) this.copier?.close(copied);
    }
    this.#gap(2);
  }
}
