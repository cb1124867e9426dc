/**
 * Entry of the engine worker (a dedicated module worker of the offscreen document).
 * Control messages are plain objects on the worker's own channel; generation runs over a
 * MessagePort to the Python worker, one JSON string per message.
 */

import { Engine } from "./engine.js";

/** @typedef {import("./types").ControlRequest} ControlRequest */

// A worker has no `chrome`; the packaged models folder is where the build puts it unless
// the creator says otherwise with ?models=URL.
const models_url =
  new URL(self.location.href).searchParams.get("models") ??
  new URL("../../models/", self.location.href).href;

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
    const message = JSON.parse(data);
    if (message.type === "engine.generate")
      void engine.generate(message, (reply) => port.postMessage(JSON.stringify(reply)));
    else if (message.type === "engine.interrupt") engine.interrupt(message.call_id);
    else console.error("engine: unknown message", message.type);
  };
}

self.addEventListener("message", ({ data, ports }) => {
  const request = /** @type {ControlRequest} */ (data);
  if (request.type === "engine.load") void engine.load(request.model_id, request);
  else if (request.type === "engine.unload") void engine.unload();
  else if (request.type === "engine.detect") void engine.detect();
  else if (request.type === "engine.attach_port" && ports[0]) attach(ports[0]);
});
