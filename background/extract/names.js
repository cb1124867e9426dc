/** What an element is for, by its name, role and classes: menus, controls, side matter. */
import { attribute, find, localName } from "./dom.js";

/** @import { Reason } from "./pieces.js" */

const words = (/** @type {string} */ text) => new Set(text.split(" "));
const BOILERPLATE = words("nav aside footer menu search");
const BOILERPLATE_ROLES = words(
  "navigation banner contentinfo complementary search menu menubar toolbar tablist",
);
const SECTIONS = "article, main, section, [role=main], [role=article]";
const NEVER_ASIDE = words("html body main article h1 h2 h3 p pre table tbody tr td li a span");
const SIDE =
  /(?:^|[-_])(?:side-?bar|cookies?|consent|gdpr|share|sharing|social|related|recommend(?:ed|ations)?|newsletter|subscribe|promo|adverts?|advertisement|ads|ad-slot|sponsor(?:ed)?|breadcrumbs?|paging|pagination|pager|skip-?link|also-bought|footer|reactions|toc)(?:$|[-_])/;
/** These mean a menu only where links and controls are most of it: a restaurant has a menu, too. */
const MENU =
  /(?:^|[-_])(?:nav(?:bar|igation)?|topnav|topbar|menu|masthead|filters?|controls|buttons?|tabs|banner|links|tools?|toolbar|actions|header)(?:$|[-_])/;
const ACTIVE = "a, button, label, select, [role=button], [role=link]";
/** A part that holds this share of the page is the page, whatever its name. */
const TOO_MUCH = 0.4;

/**
 * @param {Element} element @param {string} name @param {number} page_chars about how long the page's text is
 * @returns {Reason | null}
 */
export function reasonOf(element, name, page_chars) {
  const role = attribute(element, "role");
  if (name === "button" || (role === "button" && name !== "form"))
    return isControl(element) ? "control" : null;
  if (name === "header") return element.closest(SECTIONS) ? null : "menu";
  // An article's own footer and asides belong to it.
  if ((name === "footer" || name === "aside") && element.closest("article, [role=article]")) {
    return isAside(element, name, page_chars) ? "aside" : null;
  }
  if (BOILERPLATE.has(name)) return "menu";
  if (role !== null && BOILERPLATE_ROLES.has(role)) return "menu";
  return isAside(element, name, page_chars) ? "aside" : null;
}

/** @param {Element} element @param {string} name @param {number} page_chars */
function isAside(element, name, page_chars) {
  const named = `${attribute(element, "class") ?? ""} ${attribute(element, "id") ?? ""}`;
  if (named === " " || (NEVER_ASIDE.has(name) && !(name === "p" && /share/.test(named)))) {
    return false;
  }
  const tokens = named.toLowerCase().split(/\s+/);
  const side = tokens.some((token) => SIDE.test(token));
  if (!side && !tokens.some((token) => MENU.test(token))) return false;
  if (find(element, "h1, main, article")) return false;
  const chars = element.textContent?.length ?? 0;
  if (chars > 300 && chars > TOO_MUCH * page_chars) return false;
  return side || chars === 0 || 2 * activeChars(element) > chars;
}

/** @param {Element} element */
function activeChars(element) {
  let chars = 0;
  for (const one of Element.prototype.querySelectorAll.call(element, ACTIVE)) {
    chars += one.textContent?.length ?? 0;
  }
  return chars;
}

/** Buttons that are headings of what they unfold, or nearly all of a list's entry, are read. @param {Element} element */
function isControl(element) {
  if (element.closest("h1, h2, h3, h4, h5, h6, summary")) return false;
  const own = element.textContent?.trim().length ?? 0;
  if (attribute(element, "aria-expanded") !== null && own > 20) return false;
  const entry = element.closest("li, td, th");
  return !entry || own < 0.6 * (entry.textContent?.trim().length ?? 0);
}

const KINDS = /** @type {Record<string, string>} */ ({
  p: "paragraph",
  li: "item",
  dt: "term",
  dd: "definition",
  td: "cell",
  th: "cell",
  pre: "code",
  blockquote: "quote",
  figcaption: "caption",
  caption: "caption",
});

/** @param {Element} element */
export function kindOf(element) {
  const name = localName(element);
  return /^h[1-6]$/.test(name) ? "heading" : (KINDS[name] ?? "block");
}
