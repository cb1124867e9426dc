/** What a reader of the live page can see of an element; nothing is measured twice, nothing is changed. */
import { attribute, parentNode } from "./dom.js";

/**
 * @typedef {"none" | "children" | "all"} Shown none of it; its children only (visibility: hidden,
 *   font-size 0); all.
 */

const CLIPS = new Set(["hidden", "clip", "scroll", "auto"]);
/** Letters smaller than this are not read by eye. */
const MIN_FONT_PX = 2;
const CLIPPED_AWAY = /^(inset\((5\d|[6-9]\d|100)(\.\d+)?%|circle\(0(px|%)?[ )])/;
/** Shrunk to a point, or to a line. */
const SHRUNK = /^matrix\((0, 0, 0, 0|0, 0, 0, 1|1, 0, 0, 0),/;
const NO_RECT = /^rect\((0px, 0px, 0px, 0px|1px, 1px, 1px, 1px)\)$/;

/**
 * Opacity is looked at by isFaint: many pages fade their text in only as the reader scrolls.
 * @param {Element} element @param {CSSStyleDeclaration} style its computed style
 * @returns {Shown}
 */
export function shownOf(element, style) {
  const { display } = style;
  if (display === "none" || style.contentVisibility === "hidden") return "none";
  if (display !== "contents" && display !== "inline") {
    const clipped = CLIPS.has(style.overflowX) || CLIPS.has(style.overflowY);
    const { position } = style;
    const floating = position === "absolute" || position === "fixed";
    if (floating && NO_RECT.test(style.clip)) return "none";
    if ((clipped || floating) && outOfSight(element, clipped)) return "none";
    const { clipPath, transform } = style;
    if (clipPath !== "none" && CLIPPED_AWAY.test(clipPath)) return "none";
    if (transform !== "none" && SHRUNK.test(transform)) return "none";
  }
  if (style.visibility !== "visible" || parseFloat(style.fontSize) < MIN_FONT_PX) return "children";
  if (parseFloat(style.textIndent) < -500) return "children";
  return "all";
}

/** As good as transparent, and nothing is set up to change that. @param {CSSStyleDeclaration} style */
export function isFaint(style) {
  if (Number(style.opacity) >= 0.05) return false;
  const fades = /\b(opacity|all)\b/.test(style.transitionProperty);
  const moves = style.transitionDuration !== "0s" || style.animationName !== "none";
  return !(moves && (fades || style.animationName !== "none"));
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
export function outerOf(element) {
  const parent = parentNode(element);
  if (parent?.nodeType === Node.ELEMENT_NODE) return /** @type {Element} */ (parent);
  return /** @type {ShadowRoot | null} */ (parent)?.host ?? null;
}

/** @param {Element} element */
export const isAriaHidden = (element) => attribute(element, "aria-hidden") === "true";

/**
 * The colour behind a text, going in from the page: null where it cannot be told (pictures, see-through
 * colours, boxes laid over others).
 * @param {CSSStyleDeclaration} style @param {string | null} behind @returns {string | null}
 */
export function paperOf(style, behind) {
  if (style.backgroundImage !== "none") return null;
  const colour = style.backgroundColor;
  if (colour === "rgba(0, 0, 0, 0)") return style.position === "static" ? behind : null;
  return colour.startsWith("rgb(") ? colour : null;
}

/** Letters in the colour of their paper, or in none. @param {CSSStyleDeclaration} style @param {string | null} paper */
export function isInkless(style, paper) {
  const ink = style.webkitTextFillColor;
  if (ink === "rgba(0, 0, 0, 0)") return style.backgroundClip !== "text";
  return ink === paper;
}
