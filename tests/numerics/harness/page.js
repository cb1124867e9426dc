/**
 * Test page that starts the engine worker as the offscreen document does and offers it to the
 * driver as `globalThis.harness`.
 */

const worker = new Worker("offscreen/engine/worker.js", { type: "module" });
const states = [];
const calls = new Map();
/** Messages of calls that were posted as they are, until they are fetched. */
const inbox = [];
const channel = new MessageChannel();

worker.onerror = (event) => states.push({ state: "worker_error", message: event.message });
worker.onmessage = ({ data }) => states.push({ ...data, at_ms: performance.now() });
worker.postMessage({ type: "engine.attach_port" }, [channel.port2]);
channel.port1.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  const call = calls.get(message.call_id);
  if (!call) inbox.push(data);
  else if (message.type === "engine.delta")
    call.deltas.push({ ...message, at_ms: performance.now() });
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

/** How long a fetch waits for the first message: asking more often would cost the engine time. */
const FETCH_MS = 40;
let serial = 0;
globalThis.harness = {
  states,
  control: (message) => worker.postMessage(message),
  /** Loads a model and resolves with its "ready" or "failed" state. */
  async load(model_id, options = {}) {
    const from = states.length;
    worker.postMessage({ type: "engine.load", model_id, ...options });
    return until(
      (state) => states.indexOf(state) >= from && /ready|failed|error/.test(state.state),
    );
  },
  /** Posts messages as they are and returns what has come of such calls. */
  async exchange(texts) {
    for (const text of texts) channel.port1.postMessage(text);
    const end = performance.now() + FETCH_MS;
    while (inbox.length === 0 && performance.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 4));
    return inbox.splice(0);
  },
  /** Runs one call to its end, or one of another `type`; `interrupt_ms` interrupts it. */
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
