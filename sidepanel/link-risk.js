/** What the address of a link carries to its host. No DOM here. */
import { S } from "./strings.js";
import { reveal } from "./visible.js";

/** Longer than the words and ids of common addresses: room enough for someone's data. */
const LONG_PART_CHARS = 24;
const LONG_ADDRESS_CHARS = 120;
const MANY_NAMES = 5;

/** @typedef {{name: string, text: string}} Carried */

/** @param {string} text */
function decoded(text) {
  try {
    return reveal(decodeURIComponent(text));
  } catch {
    return reveal(text); // a lone percent sign: shown as it is
  }
}

/** @param {URL} url */
function oddHost({ hostname }) {
  const names = hostname.split(".");
  return (
    names.some((name) => name.startsWith("xn--") || name.length > LONG_PART_CHARS) ||
    names.length > MANY_NAMES
  );
}

/** @param {string} query without its question mark @returns {Carried[]} */
function pairsOf(query) {
  return query.split("&").flatMap((pair) => {
    const at = pair.indexOf("=");
    const words = (/** @type {string} */ text) => decoded(text.replaceAll("+", " "));
    if (!pair) return [];
    return at < 0
      ? [{ name: S.link_query, text: words(pair) }]
      : [{ name: words(pair.slice(0, at)), text: words(pair.slice(at + 1)) }];
  });
}

/**
 * The data in an address, decoded; empty when it is a plain one.
 * @param {URL} url @returns {Carried[]}
 */
export function carriedBy(url) {
  /** @type {Carried[]} */
  const found = [];
  if (url.username || url.password) {
    const pair = [url.username, url.password].filter(Boolean).map(decoded).join(" : ");
    found.push({ name: S.link_user, text: pair });
  }
  if (oddHost(url)) found.push({ name: S.link_host, text: S.link_odd_host(url.hostname) });
  const long_parts = url.pathname.split("/").filter((part) => part.length > LONG_PART_CHARS);
  if (url.protocol !== "mailto:") {
    found.push(...long_parts.map((part) => ({ name: S.link_path, text: decoded(part) })));
  }
  if (url.search) found.push(...pairsOf(url.search.slice(1)));
  if (url.hash) found.push({ name: S.link_fragment, text: decoded(url.hash.slice(1)) });
  if (!found.length && url.href.length > LONG_ADDRESS_CHARS) {
    found.push({ name: S.link_path, text: decoded(url.pathname) });
  }
  return found;
}
