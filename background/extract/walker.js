/**
 * Turns a DOM tree into text: paragraphs, headings ("# "), lists ("- "), table rows ("a | b"), code fenced.
 * On a live page it reads what is visible, shadow roots and frames of the same site included.
 */
import { attribute, bodyOf, childNodes, find, frameDocument, localName, shadowOf } from "./dom.js";
import { TextBuilder } from "./text-builder.js";
import { isAriaHidden, isInside, shownOf } from "./visibility.js";

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
const BOILERPLATE = words("nav aside footer menu search");
const BOILERPLATE_ROLES = words(
  "navigation banner contentinfo complementary search menu menubar toolbar tablist",
);
const SECTIONS = "article, main, section, [role=main], [role=article]";

/**
 * @typedef {object} Options
 * @property {boolean} live the tree is laid out: leave out what cannot be seen
 * @property {boolean} [aria_hidden] keep what is hidden from screen readers only
 * @property {number} deadline_ms performance.now() at which to stop
 * @property {number} max_chars
 */

/** @typedef {{text: string, complete: boolean, main: [number, number] | null}} Walked */

/** @param {Element} root @param {Options} options @returns {Walked} */
export function walk(root, options) {
  const walker = new Walker(options);
  walker.element(root);
  const { text } = walker.out;
  const { mains } = walker;
  return { text, complete: !walker.stopped, main: mains.length === 1 ? (mains[0] ?? null) : null };
}

class Walker {
  /** @param {Options} options */
  constructor(options) {
    this.options = options;
    this.out = new TextBuilder();
    /** @type {Array<[number, number]>} */
    this.mains = [];
    this.seen = 0;
    this.stopped = false;
    this.depth = 0;
  }

  /** Looked at every 256 elements: asking the clock each time would cost more than the walk. */
  get #over() {
    this.seen += 1;
    if (this.seen % 256 === 0) {
      this.stopped ||=
        performance.now() > this.options.deadline_ms ||
        this.out.text.length > this.options.max_chars;
    }
    return this.stopped;
  }

  /** @param {Element} element */
  element(element) {
    // Deeper than any page a person wrote; the stack must not overflow on a hostile one.
    if (this.#over || this.depth > 500) return;
    const name = localName(element);
    if (NEVER.has(name) || this.#isBoilerplate(element, name)) return;
    let shown = "all";
    let spaced = false;
    if (this.options.live) {
      if (!this.options.aria_hidden && isAriaHidden(element)) return;
      const style = getComputedStyle(element);
      shown = shownOf(element, style);
      if (shown === "none") return;
      // Boxes side by side have no white space between them, but are read apart.
      spaced = style.display !== "inline" && style.display !== "contents";
    }
    this.depth += 1;
    this.#write(element, name, shown === "all", spaced);
    this.depth -= 1;
  }

  /**
   * @param {Element} element @param {string} name @param {boolean} own_text @param {boolean} spaced
   */
  #write(element, name, own_text, spaced) {
    const { out } = this;
    if (name === "br") return out.gap(Math.min(out.owed + 1, 2));
    if (name === "hr") return out.gap(2);
    if (name === "wbr" || name === "img") return;
    if (name === "pre") return out.verbatim(this.#preText(element, own_text));
    const heading = /^h([1-6])$/.exec(name);
    if (heading) return this.#block(element, 2, `${"#".repeat(Number(heading[1]))} `, own_text);
    if (name === "li") return this.#item(element, own_text);
    if (name === "table" && isDataTable(element)) return this.#table(element);
    const frame = frameDocument(element);
    if (frame) {
      const body = bodyOf(frame);
      out.gap(2);
      if (body) this.element(body);
      return out.gap(2);
    }
    const isMain = name === "main" || attribute(element, "role") === "main";
    const start = out.mark();
    // Inside a list item a blank line would end the list.
    if (PARAGRAPHS.has(name)) this.#block(element, out.indent ? 1 : 2, "", own_text);
    else if (LINES.has(name)) this.#block(element, 1, "", own_text);
    else {
      if (spaced) out.space = true;
      this.#children(element, own_text);
      if (spaced) out.space = true;
    }
    if (isMain) this.mains.push([start, out.mark()]);
  }

  /** @param {Element} element @param {number} breaks @param {string} prefix @param {boolean} own_text */
  #block(element, breaks, prefix, own_text) {
    this.out.gap(breaks);
    if (prefix) this.out.prefix = prefix;
    this.#children(element, own_text);
    if (prefix) this.out.prefix = "";
    this.out.gap(breaks);
  }

  /** @param {Element} item @param {boolean} own_text */
  #item(item, own_text) {
    const { out } = this;
    const parent = item.parentElement;
    const marker =
      parent && localName(parent) === "ol"
        ? `${/** @type {HTMLLIElement} */ (item).value || numberOf(item)}. `
        : "- ";
    const outer = out.indent;
    out.gap(1);
    out.prefix = `${outer}${marker}`;
    out.indent = `${outer}  `;
    this.#children(item, own_text);
    out.prefix = "";
    out.indent = outer;
    out.gap(1);
  }

  /** @param {Element} element @param {boolean} own_text */
  #children(element, own_text) {
    const shadow = this.options.live ? shadowOf(element) : null;
    if (shadow) return this.#nodes(childNodes(shadow), own_text);
    if (localName(element) === "slot") {
      const assigned = /** @type {HTMLSlotElement} */ (element).assignedNodes();
      if (assigned.length) return this.#nodes(assigned, own_text);
    }
    this.#nodes(childNodes(element), own_text);
  }

  /** @param {Iterable<Node>} nodes @param {boolean} own_text */
  #nodes(nodes, own_text) {
    for (const node of nodes) {
      if (node.nodeType === Node.TEXT_NODE) {
        if (own_text) this.out.inline(/** @type {Text} */ (node).data);
      } else if (node.nodeType === Node.ELEMENT_NODE) this.element(/** @type {Element} */ (node));
      if (this.stopped) return;
    }
  }

  /**
   * Code keeps its lines, whichever way they are made.
   * @param {Element} element @param {boolean} own_text
   */
  #preText(element, own_text) {
    let text = "";
    const collect = (/** @type {Node} */ node, /** @type {boolean} */ visible) => {
      if (node.nodeType === Node.TEXT_NODE && visible) text += /** @type {Text} */ (node).data;
      if (node.nodeType !== Node.ELEMENT_NODE) return;
      const child = /** @type {Element} */ (node);
      const name = localName(child);
      if (name === "br") text += "\n";
      if (NEVER.has(name) || name === "button") return;
      const shown = this.#shown(child);
      if (shown === "none") return;
      const line = name === "div" || name === "li" || name === "tr";
      if (line && text && !text.endsWith("\n")) text += "\n";
      for (const inner of childNodes(child)) collect(inner, shown === "all");
    };
    for (const inner of childNodes(element)) collect(inner, own_text);
    return text;
  }

  /** @param {Element} element @returns {import("./visibility.js").Shown} */
  #shown(element) {
    if (!this.options.live) return "all";
    if (!this.options.aria_hidden && isAriaHidden(element)) return "none";
    return shownOf(element, getComputedStyle(element));
  }

  /** @param {Element} table */
  #table(table) {
    const { out } = this;
    out.gap(2);
    for (const row of /** @type {HTMLTableElement} */ (table).querySelectorAll("caption, tr")) {
      if (this.#over) break;
      if (row.closest("table") !== table) continue;
      // A cell of a row that is not shown computes to table-cell all the same.
      const hides = (/** @type {Element} */ part) => this.#shown(part) === "none";
      if (hides(row) || isInside(row, table, hides)) continue;
      const cells = localName(row) === "caption" ? [row] : [...row.children];
      const texts = cells.map((cell) => this.#cell(cell));
      if (!texts.some(Boolean)) continue;
      out.gap(1);
      out.inline(texts.join(" | "));
    }
    out.gap(2);
  }

  /** A cell is one line. @param {Element} cell */
  #cell(cell) {
    const outer = this.out;
    this.out = new TextBuilder();
    this.element(cell);
    const { text } = this.out;
    this.out = outer;
    return text.replace(/\s+/g, " ").trim();
  }

  /** Menus, side columns, page head and foot. @param {Element} element @param {string} name */
  #isBoilerplate(element, name) {
    if (name === "button") return !element.closest("h1, h2, h3, h4, h5, h6, summary, li, td, th");
    if (name === "header") return !element.closest(SECTIONS);
    // An article's own footer and asides belong to it.
    if (name === "footer" || name === "aside") return !element.closest("article, [role=article]");
    if (BOILERPLATE.has(name)) return true;
    const role = attribute(element, "role");
    return role !== null && BOILERPLATE_ROLES.has(role);
  }
}

/** @param {Element} item */
function numberOf(item) {
  const list = item.parentElement;
  const first = Number((list && attribute(list, "start")) ?? 1) || 1;
  const items = [...(list?.children ?? [])].filter((child) => localName(child) === "li");
  return first + items.indexOf(item);
}

/** Tables that only place things are read as blocks. @param {Element} table */
function isDataTable(table) {
  if (/^(presentation|none)$/.test(attribute(table, "role") ?? "")) return false;
  if (find(table, "table, h1, h2, h3, article, section, form, iframe, pre")) return false;
  return !!find(table, "th, caption, thead") || !!find(table, "tr > td + td");
}
