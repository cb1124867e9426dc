/** The Python worker: Pyodide, amplifier-core and python/sidelight. JSON strings in and out, never proxies. */
import { bootPython } from "./boot.js";

/** @type {any} */
let bridge;
/** @type {MessagePort} */
let host;
/** @type {MessagePort} */
let engine;
/** @type {string[]} */
const early = [];

async function start(/** @type {string} */ base) {
  const started_ms = performance.now();
  try {
    const { py, snapshot_used, fallback_reason } = await bootPython({
      base,
      onStage: (/** @type {string} */ stage) => host.postMessage({ op: "stage", stage }),
    });
    bridge = py.pyimport("sidelight.bridge");
    bridge.start(
      (/** @type {string} */ text) => host.postMessage({ op: "frame", text }),
      (/** @type {string} */ text) => engine.postMessage(text),
    );
    host.postMessage({
      op: "ready",
      ready_ms: performance.now() - started_ms,
      snapshot_used,
    });
    if (fallback_reason) console.warn("Python started without its snapshot:", fallback_reason);
    for (const text of early.splice(0)) bridge.on_host(text);
  } catch (error) {
    host.postMessage({
      op: "failed",
      message: String(/** @type {Error} */ (error)?.message ?? error),
    });
  }
}

self.onmessage = ({ data, ports }) => {
  [host, engine] = ports;
  engine.onmessage = (event) => bridge?.on_engine(event.data);
  host.onmessage = (event) => {
    if (bridge) bridge.on_host(event.data.text);
    else early.push(event.data.text);
  };
  start(data.base);
};
