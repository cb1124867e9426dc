/** What the address of a link carries to its host. No DOM here. */
import { S } from "./strings.js";
import { reveal } from "./visible.js";

/** @typedef {{name: string, text: string}} Carried */

/** @param {string} text */
function decoded(text) {
  try {
    return reveal(decodeURIComponent(text));
  } catch {
    return reveal(text); // a lone percent sign: shown as it is
  }
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

/** Room for a name, not for what somebody has written. */
const LABEL = /^[a-z0-9-]{1,15}$/;
const MOST_LABELS = 3;

/** @param {string} hostname */
function plainHost(hostname) {
  const labels = hostname.split(".");
  return (
    labels.length <= MOST_LABELS &&
    labels.every((label) => LABEL.test(label) && !label.startsWith("xn--")) &&
    !/^\d+$/.test(labels.at(-1) ?? "")
  );
}

/** A site's own short address and nothing else. @param {URL} url */
export function isPlain({ href, protocol, hostname }) {
  const web = protocol === "http:" || protocol === "https:";
  // Whole: user, port, path, query and fragment would each make it longer, an empty query too.
  return web && href === `${protocol}//${hostname}/` && plainHost(hostname);
}

/**
 * The data in an address, decoded.
 * @param {URL} url @returns {Carried[]}
 */
export function carriedBy(url) {
  /** @type {Carried[]} */
  const found = [];
  const mail = url.protocol === "mailto:";
  if (url.username || url.password) {
    const pair = [url.username, url.password].filter(Boolean).map(decoded).join(" : ");
    found.push({ name: S.link_user, text: pair });
  }
  if (!mail && !plainHost(url.hostname)) {
    found.push({ name: S.link_host, text: S.link_odd_host(url.hostname) });
  }
  if (url.port) found.push({ name: S.link_port, text: url.port });
  if (mail) found.push({ name: S.link_to, text: decoded(url.pathname) });
  else if (url.pathname !== "/") found.push({ name: S.link_path, text: decoded(url.pathname) });
  if (url.search) {
    const pairs = pairsOf(url.search.slice(1));
    found.push(...(pairs.length ? pairs : [{ name: S.link_query, text: url.search }]));
  }
  if (url.hash) found.push({ name: S.link_fragment, text: decoded(url.hash.slice(1)) });
  return found;
}
