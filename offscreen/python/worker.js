/** The Python worker: Pyodide, amplifier-core and python/sidelight. JSON strings in and out, never proxies. */
import { bootPython } from "./boot.js";

/** @type {any} */
let bridge;
/** @type {MessagePort | undefined} */
let engine;
/** @type {string[]} */
const early = [];

async function start(/** @type {{base: string}} */ init) {
  const started_ms = performance.now();
  try {
    const { py, snapshot_used, fallback_reason } = await bootPython({
      base: init.base,
      onStage: (/** @type {string} */ stage) => self.postMessage({ op: "stage", stage }),
    });
    bridge = py.pyimport("sidelight.bridge");
    bridge.start(
      (/** @type {string} */ text) => self.postMessage({ op: "frame", text }),
      (/** @type {string} */ text) => engine?.postMessage(text),
    );
    self.postMessage({
      op: "ready",
      ready_ms: performance.now() - started_ms,
      snapshot_used,
    });
    if (fallback_reason) console.warn("Python started without its snapshot:", fallback_reason);
    for (const text of early.splice(0)) bridge.on_host(text);
  } catch (error) {
    self.postMessage({
      op: "failed",
      message: String(/** @type {Error} */ (error)?.message ?? error),
    });
  }
}

self.onmessage = ({ data, ports }) => {
  if (data.op === "start") {
    engine = ports[0];
    engine.onmessage = (event) => bridge?.on_engine(event.data);
    start(data);
  } else if (data.op === "frame") {
    if (bridge) bridge.on_host(data.text);
    else early.push(data.text);
  }
};
