/**
 * The one renderer of untrusted text as markup. Marked parses, DOMPurify allows the few tags below, and what
 * comes out is nodes, never a markup string. Raw HTML is shown as text, an image as its words and address, and
 * nothing here can make the browser request anything.
 */
import DOMPurify from "dompurify";
import { Lexer, Marked } from "marked";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { segments, tooIntricate, tooManyCells } from "./markdown-limits.js";
import { S } from "./strings.js";
import { reveal, UNSEEN } from "./visible.js";

/** @typedef {import("marked").Token} Token */
/** @typedef {{raw: string, token: Token | null}} Block a block to render; no token: literal text */

const TAGS = [
  ...[
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "li",
    "blockquote",
    "pre",
    "code",
    "em",
    "strong",
  ],
  ...["del", "a", "br", "hr", "table", "thead", "tbody", "tr", "th", "td", "span"],
];
const ATTRIBUTES = ["href", "start", "align", "data-language", "data-image"];
const SCHEMES = new Set(["http:", "https:", "mailto:"]);

const escape_map = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (/** @type {string} */ text) =>
  text.replace(/[&<>"']/g, (c) => escape_map[/** @type {keyof typeof escape_map} */ (c)]);

const parser = new Marked({
  gfm: true,
  tokenizer: {
    emStrong(_src, masked) {
      // Undefined: no emphasis here; false: go on as usual.
      return intricate(masked) ? undefined : false;
    },
  },
  renderer: {
    html: ({ text }) => escapeHtml(text),
    image: ({ href, text }) =>
      `<span data-image="">${escapeHtml([text, href].filter(Boolean).join(" – "))}</span>`,
    code: ({ text, lang }) => {
      const language = escapeHtml((lang ?? "").split(/\s/)[0]?.slice(0, 30) ?? "");
      return `<pre data-language="${language}"><code>${escapeHtml(text)}</code></pre>`;
    },
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

let last_masked = "";
let last_verdict = false;
/** Asked at every mark of one text: judged once. @param {string} masked */
function intricate(masked) {
  if (masked !== last_masked) {
    last_masked = masked;
    last_verdict = tooIntricate(masked);
  }
  return last_verdict;
}

/** The address a link may have, or null. Relative ones would point into the extension. */
export function safeAddress(/** @type {string | null} */ href) {
  if (!href || !URL.canParse(href)) return null;
  const url = new URL(href);
  return SCHEMES.has(url.protocol) ? url : null;
}

/** Bounded, so that no text makes it slow. */
const HOST_LIKE = /(?:[\p{L}\p{N}_-]{1,63}\.){1,9}[\p{L}\p{N}_-]{2,63}/gu;

/** The sites that a text seems to name. @param {string} text @returns {string[]} */
const hostsIn = (text) =>
  (text.normalize("NFKC").toLowerCase().match(HOST_LIKE) ?? []).map((host) =>
    host.replace(/^www\./, ""),
  );

/** @param {Node} node */
function showUnseen(node) {
  if (node instanceof Text) node.data = reveal(node.data);
  for (const child of node.childNodes) showUnseen(child);
}

/** @param {HTMLAnchorElement} link */
function secureLink(link) {
  const url = safeAddress(link.getAttribute("href"));
  if (!url) {
    link.replaceWith(...link.childNodes);
    return;
  }
  link.setAttribute("href", url.href);
  link.setAttribute("target", "_blank");
  link.setAttribute("rel", "noopener noreferrer");
  link.setAttribute("title", url.href);
  link.setAttribute("dir", "auto"); // isolated: marks of direction around it cannot turn it
  // Words that look like another site's address would lie about where the link goes. What has no
  // shape could split such an address for us and not for the eye.
  const words = link.textContent;
  const [goes_to] = hostsIn(url.hostname);
  const lies = [words, words.replace(UNSEEN, "")].some((text) =>
    hostsIn(text).some((host) => host !== goes_to),
  );
  showUnseen(link);
  if (url.host && lies) link.append(" (", h("bdi", {}, url.host), ")");
}

/** @param {Element} pre */
function frameCode(pre) {
  const language = pre.getAttribute("data-language");
  pre.removeAttribute("data-language");
  pre.setAttribute("tabindex", "0"); // it scrolls sideways: the keyboard must reach it
  const figure = h("figure", { class: "code" });
  const copy = h(
    "button",
    { type: "button", class: "quiet", "data-copy-code": true, "aria-label": S.copy_code },
    icon("copy"),
  );
  pre.replaceWith(figure);
  figure.append(h("figcaption", {}, h("span", {}, language || ""), copy), pre);
}

/** @param {Block} block @returns {HTMLElement} one element */
export function renderBlock({ raw, token }) {
  if (!token || (token.type === "table" && tooManyCells(/** @type {any} */ (token)))) {
    return h("p", { class: "literal" }, raw.trim());
  }
  const fragment = DOMPurify.sanitize(parser.parser([token]).trim(), {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ATTRIBUTES,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const link of fragment.querySelectorAll("a")) secureLink(link);
  for (const pre of fragment.querySelectorAll("pre")) frameCode(pre);
  for (const table of fragment.querySelectorAll("table")) {
    const scroller = h("div", {
      class: "table",
      tabindex: "0",
      role: "region",
      "aria-label": S.table,
    });
    table.replaceWith(scroller);
    scroller.append(table);
  }
  for (const image of fragment.querySelectorAll("[data-image]")) {
    image.removeAttribute("data-image");
    image.className = "image";
  }
  const [only] = fragment.children;
  if (only instanceof HTMLElement && fragment.childNodes.length === 1) return only;
  return h("div", {}, fragment);
}

/**
 * Split text into blocks whose `raw` joined is the text. `links` are the reference definitions before it.
 * @param {string} text @param {Record<string, any>} [links] @returns {Block[]}
 */
export function blocksOf(text, links = {}) {
  /** @type {Block[]} */
  const blocks = [];
  for (const segment of segments(text)) {
    if (segment.literal) {
      blocks.push({ raw: segment.text, token: null });
      continue;
    }
    try {
      const lexer = new Lexer(parser.defaults);
      Object.assign(lexer.tokens.links, links);
      const tokens = lexer.lex(segment.text);
      for (const token of tokens) blocks.push({ raw: token.raw, token });
    } catch {
      // Deeper than the limits foresaw: shown as written rather than not at all.
      blocks.push({ raw: segment.text, token: null });
    }
  }
  return blocks;
}
