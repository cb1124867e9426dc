/**
 * First import of every script that needs no network: takes the means of sending out of its realm before any other
 * code runs. All workers of an extension share one policy, and that policy must let the network worker out.
 */

const own = new URL("/", location.href).href;
const send = globalThis.fetch;

/** Delete a name wherever it is on the prototype chain. @param {object} holder @param {string[]} names */
function remove(holder, names) {
  for (let at = holder; at; at = Object.getPrototypeOf(at)) {
    for (const name of names) if (Object.hasOwn(at, name)) Reflect.deleteProperty(at, name);
  }
}

const in_page = "document" in globalThis;
remove(globalThis, [
  ..."fetch fetchLater XMLHttpRequest WebSocket WebSocketStream EventSource WebTransport".split(
    " ",
  ),
  ..."RTCPeerConnection webkitRTCPeerConnection SharedWorker".split(" "),
  // The offscreen document starts its own workers; another realm inside a worker would have it all again.
  ...(in_page ? [] : ["Worker", "importScripts"]),
]);
for (const [type, names] of Object.entries({
  Cache: ["add", "addAll"],
  Navigator: ["sendBeacon"],
  ServiceWorkerRegistration: ["backgroundFetch", "pushManager"],
})) {
  const prototype = /** @type {any} */ (globalThis)[type]?.prototype;
  if (prototype) remove(prototype, names);
}

/** Reads files of the package and nothing else. @param {RequestInfo | URL} input @param {RequestInit} [init] */
async function readOwn(input, init) {
  const url = new URL(input instanceof Request ? input.url : input, location.href).href;
  if (!url.startsWith(own) && !url.startsWith(`blob:${own}`)) {
    throw new TypeError(`there is no network here: ${url.slice(0, 80)} is not in the package`);
  }
  return send(input, { ...init, redirect: "error" });
}

Object.defineProperty(globalThis, "fetch", { value: readOwn });
