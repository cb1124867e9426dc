/**
 * Entry of the engine worker (a dedicated module worker of the offscreen document).
 * Control messages are plain objects on the worker's own channel; generation runs over a
 * MessagePort to the Python worker, one JSON string per message.
 */

import "../../shared/no-network.js";
import { EngineInterrupt } from "../../shared/contract-check.js";
import { Engine } from "./engine.js";

// A worker has no `chrome`; the packaged models folder is where the build puts it unless
// the creator says otherwise with ?models=URL.
const models_url =
  new URL(self.location.href).searchParams.get("models") ??
  new URL("../../models/", self.location.href).href;

const isInterrupt = /** @type {(message: any) => boolean} */ (EngineInterrupt);
const engine = new Engine((state) => self.postMessage(state), models_url);

/** @type {MessagePort | null} */
let python_port = null;

/** @param {MessagePort} port */
function attach(port) {
  // A new Python worker knows nothing of the calls of the one before.
  engine.interruptAll();
  python_port?.close();
  python_port = port;
  port.onmessage = ({ data }) => {
    const message = parsed(data);
    // Without a call's name nobody could be told what was wrong with it.
    const named = typeof message?.call_id === "string";
    const send = (/** @type {any} */ reply) => port.postMessage(JSON.stringify(reply));
    if (named && message.type === "engine.generate") void engine.generate(message, send);
    else if (named && message.type === "engine.count") void engine.count(message, send);
    else if (isInterrupt(message)) engine.interrupt(message.call_id);
    else console.error("engine: a malformed message was dropped");
  };
}

/** @param {unknown} data @returns {any} undefined when it is not JSON text */
function parsed(data) {
  try {
    return JSON.parse(/** @type {string} */ (data));
  } catch {
    // An error here would end the worker, and the loaded model with it.
    return undefined;
  }
}

/** @param {any} value absent, or of its type */
const optional = (value, /** @type {string} */ type) => value == null || typeof value === type;

/** @param {any} request */
const isLoad = (request) =>
  request?.type === "engine.load" &&
  typeof request.model_id === "string" &&
  optional(request.base_url, "string") &&
  optional(request.context_window_tokens, "number");

self.addEventListener("message", ({ data, ports }) => {
  const request = /** @type {any} */ (data);
  if (isLoad(request)) void engine.load(request.model_id, request);
  else if (request?.type === "engine.unload") void engine.unload();
  else if (request?.type === "engine.detect") void engine.detect();
  else if (request?.type === "engine.attach_port" && ports[0]) attach(ports[0]);
  else console.error("engine: a malformed control message was dropped");
});
