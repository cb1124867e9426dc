/**
 * The browser's own model (the Prompt API), where there is one. It runs on this device, in the browser itself; it is
 * offered only when it is there already, as its download would be the browser's own.
 * @import { BuiltinGenerate, BuiltinUsage, ErrorData, ModelInfo } from "../shared/contract.js"
 */
import { problem } from "../shared/errors.js";

export const BUILTIN_ID = "builtin";
/** Until a session tells its own: what the first versions could read. */
const LEAST_WINDOW_TOKENS = 4096;

/** @typedef {{onChunk: (text: string) => void, onEnd: (end: {usage: BuiltinUsage | null, error: ErrorData | null}) => void}} Listener */

/** @type {Record<string, [string, string, string, boolean]>} name of a DOMException: code, what happened, what to do */
const ERRORS = {
  QuotaExceededError: [
    "context_too_long",
    "The text is longer than the browser's own model can read.",
    "Shorten your message, attach less of the page, or start a new chat.",
    false,
  ],
  NotReadableError: [
    "content_filtered",
    "The browser held back the answer of its own model.",
    "Ask in other words, or choose another model.",
    false,
  ],
  NotSupportedError: [
    "bad_request",
    "The browser's own model cannot take this request, such as its language.",
    "Ask in English, or choose another model.",
    false,
  ],
  NotAllowedError: [
    "builtin_unavailable",
    "The browser does not let the extension use its own model.",
    "Choose another model.",
    false,
  ],
  InvalidStateError: [
    "builtin_unavailable",
    "The browser's own model is not ready.",
    "Try again, or choose another model.",
    true,
  ],
};

/** @param {unknown} error */
function failure(error) {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  const [code, happened, hint, retryable] = ERRORS[name] ?? [
    "builtin_failed",
    `The browser's own model stopped: ${message.slice(0, 300)}`,
    "Try again, or choose another model.",
    true,
  ];
  return problem(code, happened, hint, retryable).data;
}

/** @param {...any} counts */
const count = (...counts) => counts.find((one) => Number.isFinite(one) && one >= 0) ?? null;

export class Builtin {
  /** @param {any} [api] the browser's LanguageModel */
  constructor(api = /** @type {any} */ (globalThis).LanguageModel) {
    this.api = api;
    this.window_tokens = LEAST_WINDOW_TOKENS;
    /** @type {Map<string, AbortController>} */
    this.running = new Map();
  }

  /** The model as the picker shows it; null when this browser has none that is ready. @returns {Promise<ModelInfo | null>} */
  async model() {
    const state = await this.api?.availability?.().catch(() => "unavailable");
    if (state !== "available") return null;
    return {
      model_id: BUILTIN_ID,
      label: "The browser's own model",
      family: "general",
      description: "Part of this browser, runs on this device. Tools are described to it in words.",
      size_bytes: 0,
      context_window_tokens: this.window_tokens,
      embedded: false,
      provider: "builtin",
      images: false,
      tools: false,
    };
  }

  /** Starts an answer; its end is told once, whatever happens. @param {BuiltinGenerate} call @param {Listener} listener */
  generate(call, listener) {
    const { request_id } = call;
    if (this.running.has(request_id)) {
      throw problem("duplicate_request", "This request is already under way.", "Ask again.");
    }
    if (!this.api) {
      throw problem(
        "builtin_unavailable",
        "This browser has no model of its own.",
        "Choose another model.",
      );
    }
    const abort = new AbortController();
    this.running.set(request_id, abort);
    this.run(call, abort.signal, listener)
      .then(
        (usage) => listener.onEnd({ usage, error: null }),
        (error) => {
          const stopped = abort.signal.aborted;
          listener.onEnd({ usage: null, error: stopped ? null : failure(error) });
        },
      )
      .finally(() => this.running.delete(request_id));
    return { done: true };
  }

  /** @param {BuiltinGenerate} call @param {AbortSignal} signal @param {Listener} listener @returns {Promise<BuiltinUsage>} */
  async run({ messages, temperature, answer_schema }, signal, listener) {
    const prompts = messages.map(({ role, content }) => ({
      role: role === "tool" ? "user" : role,
      content,
    }));
    const { defaultTopK: topK } = (temperature !== null && (await this.api.params?.())) || {};
    const session = await this.api.create({
      initialPrompts: prompts.slice(0, -1),
      signal,
      // The browser takes both or neither.
      ...(topK ? { temperature, topK } : {}),
    });
    try {
      this.window_tokens = count(session.contextWindow, session.inputQuota) ?? LEAST_WINDOW_TOKENS;
      const before = count(session.contextUsage, session.inputUsage);
      const last = [prompts[prompts.length - 1]];
      const read = await session.measureInputUsage?.(last)?.catch(() => null);
      const options = { signal, ...(answer_schema ? { responseConstraint: answer_schema } : {}) };
      const reader = session.promptStreaming(last, options).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        if (value) listener.onChunk(String(value));
      }
      const prompt_tokens = before === null || !Number.isFinite(read) ? null : before + read;
      const after = count(session.contextUsage, session.inputUsage);
      const written = prompt_tokens === null || after === null ? null : after - prompt_tokens;
      return { prompt_tokens, completion_tokens: written === null ? null : Math.max(0, written) };
    } finally {
      session.destroy?.();
    }
  }

  /** @param {string} request_id */
  cancel(request_id) {
    this.running.get(request_id)?.abort();
  }

  cancelAll() {
    for (const abort of this.running.values()) abort.abort();
  }
}
