/** What a reader of the live page can see of an element; nothing is measured twice, nothing is changed. */
import { attribute } from "./dom.js";

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

/** @param {Element} element */
export const isAriaHidden = (element) => attribute(element, "aria-hidden") === "true";
