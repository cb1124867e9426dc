/**
 * The Python worker's own place: a sandboxed page has an opaque origin, and its policy lets no request out. So
 * neither network nor storage nor any extension interface is within reach of what runs in here.
 */

/** The opaque origin hides where this page comes from; its address does not. */
const extension = new URL(location.href).origin;

addEventListener("message", ({ source, data, ports }) => {
  if (source !== parent || data?.op !== "start") return;
  // Only a classic worker made of a blob may start in an opaque origin; a module worker is refused.
  const code = `importScripts(${JSON.stringify(new URL("worker.js", location.href).href)})`;
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  const worker = new Worker(url, { name: "python" });
  worker.onerror = ({ message }) => parent.postMessage({ op: "crashed", message }, extension);
  worker.postMessage(data, [...ports]);
});
parent.postMessage({ op: "loaded" }, extension);
