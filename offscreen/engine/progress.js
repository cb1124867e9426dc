/** Load progress by stage, from WebLLM's reports and from the bytes of packaged files read. */

import { EngineError } from "./errors.js";

/** @typedef {import("./types").StateMessage} StateMessage */
/** @typedef {"detect" | "fetch" | "upload" | "compile" | "warm_up"} Stage */

/** A load that reports nothing for this long has failed; the slowest single step takes seconds. */
const STALL_MS = 120_000;

export class LoadProgress {
  /** @type {Stage} */
  stage = "detect";
  /** @type {import("./types").DeviceInfo | null} */
  device = null;
  #started_ms = performance.now();
  #progress = 0;
  #loaded_bytes = 0;
  #total_bytes = 0;
  /** @type {ReturnType<typeof setTimeout> | null} */
  #timer = null;
  #stopped = false;
  /** @type {(error: EngineError) => void} */
  #fail = () => {};
  /** Rejects when the load reports nothing for too long. @type {Promise<never>} */
  stalled;

  /**
   * @param {(message: StateMessage) => void} send
   * @param {string} model_id
   */
  constructor(send, model_id) {
    this.send = send;
    this.model_id = model_id;
    this.stalled = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.stalled.catch(() => {});
  }

  get elapsed_s() {
    return (performance.now() - this.#started_ms) / 1000;
  }

  /** @param {Stage} stage */
  enter(stage) {
    this.stage = stage;
    this.#progress = 0;
    this.#emit();
  }

  /** @param {{role: string, bytes: number}[]} files of the model; the library is read unseen */
  expect(files) {
    this.#total_bytes = files
      .filter(({ role }) => role !== "library")
      .reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** @param {number} bytes of one packaged file */
  read(bytes) {
    this.#loaded_bytes = Math.min(this.#loaded_bytes + bytes, this.#total_bytes);
    this.#progress = this.#total_bytes ? this.#loaded_bytes / this.#total_bytes : 0;
    if (this.#progress === 1 && this.stage === "fetch") this.enter("upload");
    else this.#emit();
  }

  /** @param {{progress: number, text: string}} report of WebLLM */
  report({ progress, text }) {
    if (text.startsWith("Loading GPU shader")) this.stage = "compile";
    else if (text.startsWith("Loading model")) this.stage = progress < 1 ? "upload" : "compile";
    else if (!text.startsWith("Fetching")) return;
    // The last report of the upload is also the start of the compilation.
    this.#progress = text.startsWith("Loading model") && progress === 1 ? 0 : progress;
    this.#emit();
  }

  /** A load that was given up may go on unseen: nothing of it is reported any more. */
  stop() {
    this.#stopped = true;
    this.#quiet();
  }

  #quiet() {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #emit() {
    if (this.#stopped) return;
    this.#quiet();
    const stalled = new EngineError("load_failed", `no progress in stage ${this.stage}`);
    this.#timer = setTimeout(() => this.#fail(stalled), STALL_MS);
    this.send({
      type: "engine.state",
      state: "loading",
      model_id: this.model_id,
      stage: this.stage,
      progress: this.#progress,
      loaded_bytes: this.#loaded_bytes,
      total_bytes: this.#total_bytes,
      elapsed_s: this.elapsed_s,
      error: null,
      device: this.device ? { ...this.device } : null,
    });
  }
}
