/**
 * What a page says of itself. No reader sees it and a page may claim anything, so it never becomes part
 * of the text that a model reads; only the title is told, and a canonical address of the page's own site.
 */
import { attribute, findIn, rootOf, titleOf } from "./dom.js";
import { clean } from "./text-builder.js";

/**
 * @typedef {object} Meta
 * @property {string} title
 * @property {string} author
 * @property {string} published as the page writes it
 * @property {string} lang
 * @property {string} site
 * @property {string} description
 * @property {string} type of JSON-LD, else of OpenGraph
 */

const MAX_CHARS = 400;
const MAX_JSON_CHARS = 200_000;

/** @param {unknown} value */
const line = (value) =>
  typeof value === "string" ? clean(value).replace(/\s+/g, " ").trim().slice(0, MAX_CHARS) : "";

/** @param {string} heading what the page's first heading says @returns {Meta} */
export function readMeta(heading) {
  const data = linkedData();
  const named = (/** @type {string[]} */ ...names) => names.map(content).find(Boolean) ?? "";
  const root = rootOf(document);
  const byline = findIn(document, "[rel~=author], [itemprop~=author], .byline, .author");
  const time = findIn(document, "article time[datetime], main time[datetime], time[pubdate]");
  return {
    title: line(titleOf(document)) || heading || location.host,
    author: nameOf(data?.author) || named("author", "article:author") || line(byline?.textContent),
    published:
      line(data?.datePublished) ||
      named("article:published_time", "date", "dc.date") ||
      line(time && attribute(time, "datetime")),
    lang: (root && line(attribute(root, "lang"))) || named("og:locale"),
    site: named("og:site_name", "application-name"),
    description: named("og:description", "description"),
    type: line([data?.["@type"]].flat()[0]) || named("og:type"),
  };
}

/** @param {string} name */
function content(name) {
  const element =
    findIn(document, `meta[property="${name}" i]`) ?? findIn(document, `meta[name="${name}" i]`);
  return line(element && attribute(element, "content"));
}

/** @param {unknown} author a name, a person, or several @returns {string} */
function nameOf(author) {
  const names = [author]
    .flat()
    .map((one) => (typeof one === "string" ? line(one) : line(/** @type {any} */ (one)?.name)));
  return names.filter(Boolean).join(", ").slice(0, MAX_CHARS);
}

/** The first JSON-LD object that tells of a work. @returns {Record<string, any> | null} */
function linkedData() {
  const scripts = Document.prototype.querySelectorAll.call(
    document,
    'script[type="application/ld+json"]',
  );
  for (const script of [...scripts].slice(0, 10)) {
    const text = script.textContent ?? "";
    if (text.length > MAX_JSON_CHARS) continue;
    try {
      const parsed = JSON.parse(text);
      const works = [parsed, parsed?.["@graph"]]
        .flat()
        .filter((work) => work && typeof work === "object");
      const found = works.find((work) => work.headline || work.author || work.datePublished);
      if (found) return found;
    } catch {
      // Broken data is as good as none.
    }
  }
  return null;
}

/** A page may name any address as its own: only one of its own origin is believed. */
export function address() {
  const link = findIn(document, "link[rel=canonical]");
  const named = link && attribute(link, "href");
  if (named && URL.canParse(named, location.href)) {
    const canonical = new URL(named, location.href);
    if (canonical.origin === location.origin) return bare(canonical);
  }
  return bare(new URL(location.href));
}

/** Without user name and password. @param {URL} url */
function bare(url) {
  url.username = "";
  url.password = "";
  return url.href;
}
