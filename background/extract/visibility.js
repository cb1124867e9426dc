/** What a reader of the live page can see of an element; nothing is measured twice, nothing is changed. */
import { attribute, parentNode } from "./dom.js";

/**
 * @typedef {"none" | "children" | "all"} Shown none of it; its children only (visibility: hidden,
 *   font-size 0); all.
 */

const CLIPS = new Set(["hidden", "clip", "scroll", "auto"]);

/**
 * Opacity is not looked at: many pages fade their text in only as the reader scrolls.
 * @param {Element} element @param {CSSStyleDeclaration} style its computed style
 * @returns {Shown}
 */
export function shownOf(element, style) {
  if (style.display === "none" || style.contentVisibility === "hidden") return "none";
  if (style.display !== "contents" && style.display !== "inline") {
    const clipped = CLIPS.has(style.overflowX) || CLIPS.has(style.overflowY);
    const floating = style.position === "absolute" || style.position === "fixed";
    if ((clipped || floating) && outOfSight(element, clipped)) return "none";
  }
  if (style.visibility !== "visible" || parseFloat(style.fontSize) < 1) return "children";
  return "all";
}

/** Clipped to nothing, as text for screen readers is, or put where no scrolling leads. */
function outOfSight(/** @type {Element} */ element, /** @type {boolean} */ clipped) {
  const box = element.getBoundingClientRect();
  if (clipped && (box.width <= 1 || box.height <= 1)) return true;
  const view = element.ownerDocument.defaultView;
  if (!view || (box.width === 0 && box.height === 0)) return false;
  return box.right + view.scrollX <= 0 || box.bottom + view.scrollY <= 0;
}

/**
 * Whether a person sees this element, whatever hides it: for the one thing that they chose, where nothing may
 * come along. (Text that waits to be faded in cannot be selected by eye.)
 * @param {Element} element
 */
export function isSeen(element) {
  if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
  if (shownOf(element, getComputedStyle(element)) !== "all") return false;
  return !isInside(element, null, (outer) => shownOf(outer, getComputedStyle(outer)) === "none");
}

/**
 * Whether `test` holds for an element around this one, out through shadow roots and up to `end`.
 * @param {Element} element @param {Element | null} end @param {(outer: Element) => boolean} test
 */
export function isInside(element, end, test) {
  for (let at = outerOf(element); at && at !== end; at = outerOf(at)) if (test(at)) return true;
  return false;
}

/** @param {Element} element @returns {Element | null} */
function outerOf(element) {
  const parent = parentNode(element);
  if (parent?.nodeType === Node.ELEMENT_NODE) return /** @type {Element} */ (parent);
  return /** @type {ShadowRoot | null} */ (parent)?.host ?? null;
}

/** @param {Element} element */
export const isAriaHidden = (element) => attribute(element, "aria-hidden") === "true";
