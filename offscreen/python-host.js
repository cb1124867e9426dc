/**
 * Owns the Python worker and the sandboxed frame around it: starts them on first need, sends requests, serves Python's
 * own requests, and replaces both when they fail or hang. No state is kept in there that is not stored.
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
    /** @type {HTMLIFrameElement | undefined} */
    this.frame = undefined;
    /** @type {MessagePort | undefined} */
    this.port = undefined;
    /** @type {(error: unknown) => void} ends the wait of whoever awaits the start */
    this.giveUp = () => {};
  }

  /** @param {PythonState} state */
  setState(state) {
    this.state = state;
    this.hooks.on_state(state);
  }

  /** Resolves when Python can run a turn. */
  ready() {
    if (this.starting) return this.starting;
    const engine_port = this.hooks.engine_port();
    this.starting = new Promise((resolve, reject) => {
      this.setState({ state: "starting", stage: "load" });
      const frame = document.createElement("iframe");
      const { port1, port2 } = new MessageChannel();
      this.frame = frame;
      this.port = port1;
      this.giveUp = (/** @type {unknown} */ error) => {
        clearTimeout(timer);
        reject(error);
      };
      const fail = (/** @type {string} */ message) => {
        if (this.frame !== frame) return;
        const error = problem(
          "python_failed",
          `The assistant's Python part stopped: ${message}`,
          "Try again: it is started anew.",
          true,
        );
        this.replace(error);
      };
      const timer = setTimeout(
        () => fail(`it did not start within ${START_LIMIT_MS / 1000} s.`),
        START_LIMIT_MS,
      );
      port1.onmessage = ({ data }) => {
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
      const listen = (/** @type {MessageEvent} */ { source, data }) => {
        if (this.frame !== frame) removeEventListener("message", listen);
        else if (source !== frame.contentWindow) return;
        else if (data?.op === "crashed") fail(data.message || "it crashed.");
        else if (data?.op === "loaded") {
          // The frame's origin is opaque, so no address can name it; frame-src keeps it what it is.
          frame.contentWindow?.postMessage({ op: "start", base }, "*", [port2, engine_port]);
        }
      };
      addEventListener("message", listen);
      frame.src = new URL("python/frame.html", import.meta.url).href;
      document.body.append(frame);
    });
    return this.starting;
  }

  /** Give the worker up; the next ready() starts a new one. @param {import("../shared/errors.js").BusError} error */
  replace(error) {
    this.port?.close();
    this.frame?.remove();
    this.frame = undefined;
    this.port = undefined;
    this.starting = undefined;
    this.giveUp(error);
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

  /** A message that wants no answer; nothing is started for it. @param {any} body */
  notify(body) {
    this.send({ v: 1, body });
  }

  /** @param {any} frame */
  send(frame) {
    this.port?.postMessage({ op: "frame", text: JSON.stringify(frame) });
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
    const { port } = this;
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
    if (port === this.port) this.send(reply);
  }
}
