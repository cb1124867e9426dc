/**
 * Test page that starts the engine worker as the offscreen document does and offers it to the
 * driver as `globalThis.harness`.
 */

import { sinCos } from "./trigonometry.js";

const worker = new Worker("offscreen/engine/worker.js", { type: "module" });
const states = [];
const calls = new Map();
const channel = new MessageChannel();

worker.onerror = (event) => states.push({ state: "worker_error", message: event.message });
worker.onmessage = ({ data }) => states.push({ ...data, at_ms: performance.now() });
worker.postMessage({ type: "engine.attach_port" }, [channel.port2]);
channel.port1.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  const call = calls.get(message.call_id);
  if (message.type === "engine.delta") call.deltas.push({ ...message, at_ms: performance.now() });
  else
    call.resolve({ ...message, deltas: call.deltas, total_s: (performance.now() - call.t0) / 1e3 });
};

async function until(predicate) {
  for (;;) {
    const found = states.findLast(predicate);
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

let serial = 0;
globalThis.harness = {
  states,
  sinCos,
  control: (message) => worker.postMessage(message),
  /** Loads a model and resolves with its "ready" or "failed" state. */
  async load(model_id, options = {}) {
    const from = states.length;
    worker.postMessage({ type: "engine.load", model_id, ...options });
    return until(
      (state) => states.indexOf(state) >= from && /ready|failed|error/.test(state.state),
    );
  },
  /** Runs one call to its end; `interrupt_after` deltas, or `interrupt_ms`, interrupt it. */
  generate(request, { interrupt_ms = null } = {}) {
    const call_id = `call-${++serial}`;
    return new Promise((resolve) => {
      calls.set(call_id, { resolve, deltas: [], t0: performance.now() });
      channel.port1.postMessage(JSON.stringify({ type: "engine.generate", call_id, ...request }));
      const interrupt = JSON.stringify({ type: "engine.interrupt", call_id });
      if (interrupt_ms !== null)
        setTimeout(() => channel.port1.postMessage(interrupt), interrupt_ms);
    });
  },
};
