/**
 * Owns the engine worker: its state, its port to Python, and its replacement when the device was lost.
 * @import { EngineState } from "../shared/contract.js"
 */
import { BusError, problem } from "../shared/errors.js";

export class EngineHost {
  /** @param {(state: EngineState) => void} on_state @param {(error: BusError) => void} on_lost */
  constructor(on_state, on_lost) {
    this.on_state = on_state;
    this.on_lost = on_lost;
    /** @type {EngineState} */
    this.state = { state: "idle", progress: 0, elapsed_s: 0 };
    /** @type {Set<(state: EngineState) => void>} */
    this.watchers = new Set();
    /** @type {Worker | undefined} */
    this.worker = undefined;
  }

  /** @param {EngineState} state */
  setState(state) {
    this.state = state;
    this.on_state(state);
    for (const watch of [...this.watchers]) watch(state);
  }

  start() {
    if (this.worker) return this.worker;
    const url = new URL("engine/worker.js", import.meta.url);
    url.searchParams.set("models", new URL("../models/", import.meta.url).href);
    const worker = new Worker(url, { type: "module", name: "engine" });
    this.worker = worker;
    worker.onmessage = ({ data }) => {
      if (data.type !== "engine.state") return;
      const { type: _type, ...state } = data;
      this.setState(state);
    };
    worker.onerror = (event) => {
      worker.terminate();
      this.worker = undefined;
      const error = problem(
        "engine_crashed",
        `The model's engine stopped: ${event.message || "its worker crashed"}.`,
        "Try again: the engine is started anew.",
        true,
      );
      this.setState({ state: "failed", progress: 0, elapsed_s: 0, error: error.data });
      // Python's port led to this worker; it gets a new one with a new start.
      this.on_lost(error);
    };
    return worker;
  }

  /** A fresh port for a Python worker; the engine answers on the newest one. */
  port() {
    const { port1, port2 } = new MessageChannel();
    this.start().postMessage({ type: "engine.attach_port" }, [port1]);
    return port2;
  }

  /** Resolves when the model is ready, rejects with the engine's own error. @param {string} model_id */
  load(model_id) {
    if (this.state.state === "ready" && this.state.model_id === model_id) return Promise.resolve();
    const worker = this.start();
    return new Promise((resolve, reject) => {
      const isOther = (/** @type {EngineState} */ state) =>
        Boolean(state.model_id) && state.model_id !== model_id;
      const watch = (/** @type {EngineState} */ state) => {
        if (state.state === "ready" && state.model_id === model_id) resolve(undefined);
        else if (state.state === "failed" && state.error && !isOther(state)) {
          reject(new BusError(state.error));
        } else if (isOther(state) && ["ready", "failed"].includes(state.state)) {
          // Another model was loaded after this was asked for: its own load is skipped, so ask again.
          worker.postMessage({ type: "engine.load", model_id });
          return;
        } else return;
        this.watchers.delete(watch);
      };
      this.watchers.add(watch);
      worker.postMessage({ type: "engine.load", model_id });
    });
  }
}
