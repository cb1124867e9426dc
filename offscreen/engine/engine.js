/**
 * The engine: one WebLLM `MLCEngine`, one model at a time, one action at a time.
 * Loads, unloads and calls run strictly one after the other: WebLLM breaks when `unload` runs during
 * a load. After a lost device or an engine error the `MLCEngine` is dropped and a new one is made.
 */

import { answerCount } from "./count.js";
import { DeviceWatch, detectDevice } from "./device.js";
import { EngineError, generateError, loadError } from "./errors.js";
import { Call, streamCompletion } from "./generate.js";
import { ModelCatalog } from "./models.js";
import { installPackagedCache } from "./packaged-cache.js";
import { LoadProgress } from "./progress.js";
import { checkedRequest, completionRequest } from "./request.js";
import { startModel } from "./start.js";

/** @typedef {import("./types").CallMessage} CallMessage */
/** @typedef {import("./types").DeviceInfo} DeviceInfo */
/** @typedef {import("./types").StateMessage} StateMessage */
/** @typedef {{base_url?: string | null, context_window_tokens?: number | null}} LoadOptions */
/** @typedef {import("./start.js").Loaded} Loaded */

export class Engine {
  catalog = new ModelCatalog();
  /** @type {Promise<unknown>} tail of the action queue */
  #tail = Promise.resolve();
  /** @type {Loaded | null} */
  #loaded = null;
  /** @type {DeviceInfo | null} */
  #device = null;
  /** @type {LoadProgress | null} */
  #progress = null;
  #load_serial = 0;
  /** Rejects the running action early. @type {((cause: unknown) => void) | null} */
  #abandon = null;
  /** @type {DeviceWatch} */
  #devices;
  /** @type {Map<string, Call>} */
  #calls = new Map();

  /**
   * @param {(message: StateMessage) => void} sendState
   * @param {string} models_url URL of the packaged `models/` folder
   */
  constructor(sendState, models_url) {
    this.sendState = sendState;
    this.models_url = models_url;
    installPackagedCache(this.catalog.files, {
      onRead: (bytes) => this.#progress?.read(bytes),
      onError: (error) => this.#abandon?.(error),
    });
    this.#devices = new DeviceWatch((error) => this.#deviceFailed(error));
  }

  /** @param {string} model_id @param {LoadOptions} [options] */
  load(model_id, options = {}) {
    const serial = ++this.#load_serial;
    return this.#exclusive(async () => {
      // A newer load waits in the queue: this one would only delay it.
      if (serial !== this.#load_serial) return;
      await this.#ensure(model_id, options).catch(() => {});
    });
  }

  unload() {
    return this.#exclusive(async () => {
      await this.#release();
      this.#state("idle");
    });
  }

  detect() {
    return this.#exclusive(async () => {
      try {
        this.#device = await detectDevice();
        this.#state(this.#loaded ? "ready" : "idle");
      } catch (error) {
        this.#state("failed", loadError(error));
      }
    });
  }

  /**
   * Queues a call; every call ends with exactly one `engine.done` or `engine.error`.
   * @param {unknown} value an `engine.generate` message
   * @param {(message: CallMessage) => void} send
   */
  async generate(value, send) {
    const call_id = String(/** @type {any} */ (value)?.call_id);
    const call = new Call(call_id, send);
    try {
      const request = checkedRequest(value);
      // Two calls of one name: an interrupt would reach only one of them.
      if (this.#calls.has(call_id)) throw new EngineError("bad_request", "this call runs already");
      this.#calls.set(call_id, call);
      await this.#exclusive(async () => {
        if (call.settled) return;
        const loaded = await this.#known(request.model_id);
        if (!call.settled) await this.#run(loaded, request, call);
      });
    } catch (error) {
      const failure = generateError(error);
      call.fail(failure.error);
      if (failure.fatal) this.#drop(failure.error);
    } finally {
      if (this.#calls.get(call_id) === call) this.#calls.delete(call_id);
    }
  }

  /** Counts a prompt's tokens. @param {unknown} value @param {(message: CallMessage) => void} send */
  count(value, send) {
    return answerCount(value, send, (model_id) =>
      this.#loaded?.model_id === model_id
        ? this.#loaded
        : this.#exclusive(() => this.#known(model_id)),
    );
  }

  /** The wanted model; an unknown one is its caller's error, and the loaded one stays. @param {string} model_id */
  async #known(model_id) {
    await this.catalog.read(this.models_url);
    this.catalog.get(model_id);
    return this.#ensure(model_id);
  }

  /**
   * Ends a call at once with what it has. The engine itself stops at the next token; a running
   * prefill cannot be stopped, and the next call waits for it.
   * @param {string} call_id
   */
  interrupt(call_id) {
    const call = this.#calls.get(call_id);
    if (!call) return;
    call.interrupted = true;
    if (call.text === "") call.done("abort");
    if (call.started) this.#loaded?.mlc.interruptGenerate();
  }

  interruptAll() {
    for (const call_id of [...this.#calls.keys()]) this.interrupt(call_id);
  }

  /**
   * @param {Loaded} loaded
   * @param {import("./types").GenerateRequest} request
   * @param {Call} call
   */
  async #run(loaded, request, call) {
    const { mlc, model_id, exact_reuse, neutralise } = loaded;
    // A cut answer (`stop` strings, abort, length) leaves tokens in the KV cache that its text lacks.
    if (loaded.dirty || !exact_reuse) await mlc.resetChat();
    loaded.dirty = true;
    const completion = completionRequest(request, { neutralise, literal_messages: exact_reuse });
    call.started = true;
    const finished = await this.#abandonable(streamCompletion(mlc, model_id, completion, call));
    loaded.dirty = finished !== "stop" || Boolean(request.options.stop?.length);
  }

  /**
   * The wanted model, loaded. Reports progress and failure as state.
   * @param {string} model_id
   * @param {LoadOptions} [options]
   * @returns {Promise<Loaded>}
   */
  async #ensure(model_id, { base_url, context_window_tokens } = {}) {
    const wanted = context_window_tokens ?? this.#loaded?.context_window_tokens;
    if (this.#loaded?.model_id === model_id && this.#loaded.context_window_tokens === wanted) {
      this.#state("ready");
      return this.#loaded;
    }
    await this.#release();
    const progress = new LoadProgress((state) => this.sendState(state), model_id);
    this.#progress = progress;
    const work = this.#load(model_id, base_url ?? this.models_url, context_window_tokens, progress);
    try {
      this.#loaded = await this.#abandonable(Promise.race([work, progress.stalled]));
      this.#state("ready", null, progress);
      return this.#loaded;
    } catch (cause) {
      const error = loadError(cause);
      // A load that was given up may still end: nobody wants its memory then.
      work.then(({ mlc }) => mlc.unload()).catch(() => {});
      this.#devices.destroy();
      this.#state("failed", error, progress, model_id);
      throw error;
    } finally {
      progress.stop();
      this.#progress = null;
    }
  }

  /**
   * @param {string} model_id
   * @param {string} base_url
   * @param {number | null | undefined} context_window_tokens
   * @param {LoadProgress} progress
   * @returns {Promise<Loaded>}
   */
  async #load(model_id, base_url, context_window_tokens, progress) {
    progress.enter("detect");
    await this.catalog.read(base_url);
    this.catalog.get(model_id);
    this.#device = await detectDevice();
    progress.device = this.#device;
    progress.enter("fetch");
    const record = await this.catalog.record(model_id, context_window_tokens ?? undefined);
    progress.expect(record.model.files);
    return startModel(model_id, record, progress);
  }

  /** Frees the loaded model's memory. */
  async #release() {
    const loaded = this.#loaded;
    this.#loaded = null;
    if (!loaded) return;
    const devices = this.#devices.expectLoss();
    try {
      await loaded.mlc.unload();
    } catch (error) {
      console.warn("engine: unload failed", error);
    }
    for (const device of devices) device.destroy();
  }

  /** @param {EngineError} error */
  #deviceFailed(error) {
    if (this.#abandon) this.#abandon(error);
    else this.#drop(error);
  }

  /** Forgets an engine that cannot be used again. @param {EngineError} error */
  #drop(error) {
    const loaded = this.#loaded;
    if (!loaded) return;
    this.#loaded = null;
    this.#devices.destroy();
    this.#state("failed", error, null, loaded.model_id);
  }

  /**
   * @template T
   * @param {Promise<T>} work
   * @returns {Promise<T>} rejects early when the device or a packaged file fails
   */
  async #abandonable(work) {
    const failed = new Promise((_, reject) => {
      this.#abandon = reject;
    });
    work.catch(() => {});
    try {
      return /** @type {T} */ (await Promise.race([work, failed]));
    } finally {
      this.#abandon = null;
    }
  }

  /**
   * @template T
   * @param {() => Promise<T>} action
   * @returns {Promise<T>}
   */
  #exclusive(action) {
    const result = this.#tail.then(action);
    this.#tail = result.catch(() => {});
    return result;
  }

  /**
   * @param {StateMessage["state"]} state
   * @param {EngineError | null} [error]
   * @param {LoadProgress | null} [progress]
   * @param {string | null} [model_id]
   */
  #state(state, error = null, progress = null, model_id = this.#loaded?.model_id ?? null) {
    this.sendState({
      type: "engine.state",
      state,
      model_id,
      stage: progress && error ? progress.stage : null,
      progress: state === "ready" ? 1 : 0,
      elapsed_s: progress?.elapsed_s ?? 0,
      error: error?.toData() ?? null,
      device: this.#device ? { ...this.#device } : null,
    });
  }
}
