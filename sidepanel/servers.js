/** Addresses of model servers: reading what was typed, and what a browser permission for it is called. No DOM here. */
import { S } from "./strings.js";

/** @typedef {import("../shared/contract.js").Server} Server */

export const LEVELS = /** @type {const} */ (["device", "servers", "web"]);
/** @typedef {typeof LEVELS[number]} Level */

/** @param {Level} one @param {Level} other */
export const isBelow = (one, other) => LEVELS.indexOf(one) < LEVELS.indexOf(other);

/** Where each program listens by itself. */
export const PRESETS = [
  { label: "Ollama", base_url: "http://localhost:11434/v1" },
  { label: "LM Studio", base_url: "http://localhost:1234/v1" },
  { label: "llama.cpp", base_url: "http://localhost:8080/v1" },
  { label: "vLLM", base_url: "http://localhost:8000/v1" },
];
const MAX_URL_CHARS = 300;

/** Host and port, as they are named to the user. @param {string} base_url */
export const hostOf = (base_url) => (URL.canParse(base_url) ? new URL(base_url).host : base_url);

/** A match pattern has no port: the permission is for the host. @param {string} base_url */
export function patternOf(base_url) {
  const { protocol, hostname } = new URL(base_url);
  return `${protocol}//${hostname}/*`;
}

/** @param {string} hostname as URL gives it */
export function isThisMachine(hostname) {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}

/** Unencrypted, and not within this machine. @param {string} base_url */
export function isOpenOnTheWay(base_url) {
  if (!URL.canParse(base_url)) return false;
  const { protocol, hostname } = new URL(base_url);
  return protocol === "http:" && !isThisMachine(hostname);
}

/**
 * The base URL in what was typed: it ends before /chat/completions, and has /v1 when no path is given.
 * @param {string} typed @returns {{base_url: string} | {problem: string}}
 */
export function readBaseUrl(typed) {
  const text = typed.trim();
  if (!text) return { problem: S.server_url_missing };
  const scheme = /^[a-z][a-z\d+.-]*:\/\//i.test(text);
  const own = /^(localhost|127(\.\d+){3}|\[::1\])(?=[:/]|$)/i.test(text);
  const full = scheme ? text : `${own ? "http" : "https"}://${text}`;
  const url = URL.canParse(full) ? new URL(full) : null;
  // Chromium takes a blank in a host for %20.
  const no_host = !url?.hostname || url.hostname.includes("%") || /\s/.test(text);
  if (!url || !/^https?:$/.test(url.protocol) || no_host) {
    return { problem: S.server_url_bad };
  }
  if (url.username || url.password) return { problem: S.server_url_user };
  if (url.search || url.hash) return { problem: S.server_url_query };
  const path = url.pathname
    .replace(/\/+$/, "")
    .replace(/\/(chat\/completions|completions|models)$/, "");
  const base_url = `${url.origin}${path || "/v1"}`;
  return base_url.length > MAX_URL_CHARS ? { problem: S.server_url_bad } : { base_url };
}

/** @param {Server[]} servers */
export const hostsOf = (servers) => [...new Set(servers.map(({ base_url }) => hostOf(base_url)))];
