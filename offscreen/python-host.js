/**
 * Owns the Python worker: starts it on first need, sends requests, serves Python's own requests, and replaces it
 * when it fails or hangs. State is kept nowhere else, so a replaced worker loses nothing that was stored.
 * @import { PythonState } from "../shared/contract.js"
 */
import { byType, PythonEvents } from "../shared/contract-check.js";
import { fromErrorData, problem, toErrorData } from "../shared/errors.js";

const START_LIMIT_MS = 120_000;

/** @param {string} text @returns {any} undefined when it is not JSON */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export class PythonHost {
  /**
   * @param {{
   *   engine_port: () => MessagePort,
   *   handlers: Record<string, (body: any) => any>,
   *   on_events: (body: any) => void,
   *   on_state: (state: PythonState) => void,
   *   on_lost: (error: import("../shared/errors.js").BusError) => void,
   * }} hooks
   */
  constructor(hooks) {
    this.hooks = hooks;
    /** @type {PythonState} */
    this.state = { state: "idle" };
    /** @type {Map<string, {resolve: (value: any) => void, reject: (error: any) => void}>} */
    this.waiting = new Map();
    /** @type {Promise<void> | undefined} */
    this.starting = undefined;
    /** @type {Worker | undefined} */
    this.worker = undefined;
  }

  /** @param {PythonState} state */
  setState(state) {
    this.state = state;
    this.hooks.on_state(state);
  }

  /** Resolves when Python can run a turn. */
  ready() {
    if (this.starting) return this.starting;
    const port = this.hooks.engine_port();
    this.starting = new Promise((resolve, reject) => {
      this.setState({ state: "starting", stage: "load" });
      const worker = new Worker(new URL("python/worker.js", import.meta.url), {
        type: "module",
        name: "python",
      });
      this.worker = worker;
      const fail = (/** @type {string} */ message) => {
        clearTimeout(timer);
        const error = problem(
          "python_failed",
          `The assistant's Python part stopped: ${message}`,
          "Try again: it is started anew.",
          true,
        );
        this.replace(error);
        reject(error);
      };
      const timer = setTimeout(
        () => fail(`it did not start within ${START_LIMIT_MS / 1000} s.`),
        START_LIMIT_MS,
      );
      worker.onerror = (event) => fail(event.message || "it crashed.");
      worker.onmessage = ({ data }) => {
        if (data.op === "frame") this.receive(data.text);
        else if (data.op === "stage") this.setState({ state: "starting", stage: data.stage });
        else if (data.op === "failed") fail(data.message);
        else if (data.op === "ready") {
          clearTimeout(timer);
          const { ready_ms, snapshot_used } = data;
          this.setState({ state: "ready", ready_ms, snapshot_used });
          resolve(undefined);
        }
      };
      const base = new URL("../pyodide/", import.meta.url).href;
      worker.postMessage({ op: "start", base }, [port]);
    });
    return this.starting;
  }

  /** Give the worker up; the next ready() starts a new one. @param {import("../shared/errors.js").BusError} error */
  replace(error) {
    this.worker?.terminate();
    this.worker = undefined;
    this.starting = undefined;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
    this.setState({ state: "failed", error: error.data });
    this.hooks.on_lost(error);
  }

  /** @param {any} body @returns {Promise<any>} */
  async request(body) {
    await this.ready();
    const id = crypto.randomUUID();
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.send({ v: 1, id, body });
    });
  }

  /** @param {any} frame */
  send(frame) {
    this.worker?.postMessage({ op: "frame", text: JSON.stringify(frame) });
  }

  /** What Python says is as untrusted as the model whose words it carries. @param {string} text */
  async receive(text) {
    const frame = parsed(text);
    if (frame?.v === 1 && typeof frame.reply_to === "string") {
      const pending = this.waiting.get(frame.reply_to);
      this.waiting.delete(frame.reply_to);
      if (frame.ok === true) pending?.resolve(frame.result);
      else pending?.reject(fromErrorData(frame.error));
      return;
    }
    if (typeof frame?.id !== "string" || typeof frame.reply_to === "string") {
      const valid = /** @type {any} */ (PythonEvents);
      if (frame?.v === 1 && frame.id == null && valid(frame.body)) this.hooks.on_events(frame.body);
      else console.error("a malformed message of Python was dropped");
      return;
    }
    const worker = this.worker;
    let reply;
    try {
      const type = typeof frame.body?.type === "string" ? frame.body.type : "";
      const handler = Object.hasOwn(this.hooks.handlers, type) && this.hooks.handlers[type];
      const valid = /** @type {any} */ (byType)[type];
      if (frame.v !== 1 || !handler || !valid?.(frame.body)) {
        throw problem(
          "invalid_message",
          `Python sent a request that is not allowed: ${type.slice(0, 80)}.`,
          "Try again.",
        );
      }
      reply = { v: 1, reply_to: frame.id, ok: true, result: await handler(frame.body) };
    } catch (error) {
      reply = { v: 1, reply_to: frame.id, ok: false, error: toErrorData(error) };
    }
    if (worker === this.worker) this.send(reply);
  }
}
