/**
 * The page as Readability gets it, made while the page is walked: what is seen, with shadow roots and
 * frames in place. Every element that holds text has an attribute of its own name, because Readability
 * merges elements and keeps the attributes of both: so what it chose can be found in the page again.
 */
import { attribute } from "./dom.js";

const KEPT = ["class", "id", "role", "rel", "itemprop", "href"];
const INLINE = /^(a|abbr|b|bdi|code|em|i|kbd|mark|s|small|span|strong|sub|sup|time|u)$/;
export const MARK = "data-piece-";
/** Readability cannot be interrupted: larger pages go without (about 5 ms for 1,000 elements). */
const MAX_ELEMENTS = 15_000;

export class Copier {
  doc = document.implementation.createHTMLDocument("");
  at = this.doc.body;
  made = 0;
  marks = 0;
  /** @type {Map<Element, number>} */
  marked = new Map();

  /** @param {Element} element @param {string} name @param {string} display @returns {HTMLElement | null} */
  open(element, name, display) {
    this.made += 1;
    if (this.made > MAX_ELEMENTS) return null;
    if (name === "body" || name === "html") return null;
    const apart = display !== "inline" && display !== "contents";
    const unknown = name.includes("-") || name === "slot" || name === "iframe" || name === "frame";
    const copy = this.doc.createElement(unknown ? (apart ? "div" : "span") : name);
    for (const known of KEPT) {
      const value = attribute(element, known);
      if (value) copy.setAttribute(known, value);
    }
    if (apart && INLINE.test(name)) this.at.append(" ");
    this.at.append(copy);
    this.at = copy;
    return copy;
  }

  /** @param {HTMLElement} copy */
  close(copy) {
    this.at = copy.parentElement ?? this.doc.body;
  }

  /** @param {string} name */
  add(name) {
    this.at.append(this.doc.createElement(name));
  }

  /** @param {string} text @returns {number} the mark of the element it stands in */
  text(text) {
    this.at.append(text);
    let mark = this.marked.get(this.at);
    if (mark === undefined) {
      mark = this.marks++;
      this.marked.set(this.at, mark);
      this.at.setAttribute(`${MARK}${mark}`, "");
    }
    return mark;
  }

  get root() {
    return this.made > MAX_ELEMENTS ? null : this.doc.documentElement;
  }
}
