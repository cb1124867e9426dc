/** One model call: streams WebLLM's chunks as batched deltas and ends with exactly one result. */

import { EngineError } from "./errors.js";

/** @typedef {import("./types").CallMessage} CallMessage */
/** @typedef {import("./types").Usage} Usage */
/** @typedef {import("./types").TokenLogprob} TokenLogprob */

const BATCH_MS = 5;

/**
 * How long a call may show no sign of life. A prefill reports nothing until its end, and a full
 * window on a slow device takes minutes; a decode step never takes a minute.
 */
const LIMITS_MS = { first: 600_000, next: 60_000 };

/** @type {Usage} */
const NO_USAGE = {
  prompt_tokens: 0,
  prefilled_tokens: 0,
  completion_tokens: 0,
  time_to_first_token_s: null,
  prefill_tokens_per_s: null,
  decode_tokens_per_s: null,
  grammar_init_s: null,
};

/** @param {number | undefined} value */
const finite = (value) => (value !== undefined && Number.isFinite(value) ? value : null);

/** The outgoing side of a call: deltas, then one `done` or `error`; later messages are dropped. */
export class Call {
  text = "";
  settled = false;
  interrupted = false;
  /** Whether WebLLM has been asked. */
  started = false;
  #pending = "";
  #tokens = 0;
  /** @type {ReturnType<typeof setTimeout> | null} */
  #timer = null;
  #first = true;

  /**
   * @param {string} call_id
   * @param {(message: CallMessage) => void} send
   */
  constructor(call_id, send) {
    this.call_id = call_id;
    this.send = send;
  }

  /** @param {string} text */
  push(text) {
    if (this.settled) return;
    this.text += text;
    this.#pending += text;
    this.#tokens += 1;
    if (this.#first) {
      this.#flush();
      this.#first = this.text === "";
    } else this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS);
  }

  #flush() {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#pending === "") return;
    const { call_id } = this;
    this.send({ type: "engine.delta", call_id, text: this.#pending, tokens: this.#tokens });
    this.#pending = "";
    this.#tokens = 0;
  }

  /**
   * @param {"stop" | "length" | "abort"} finish_reason
   * @param {Usage} [usage] left out when the call ended before anything was measured
   * @param {TokenLogprob[] | null} [logprobs]
   */
  done(finish_reason, usage = NO_USAGE, logprobs = null) {
    if (this.settled) return;
    this.#flush();
    this.settled = true;
    const { call_id, text } = this;
    this.send({ type: "engine.done", call_id, text, finish_reason, usage, logprobs });
  }

  /** @param {import("./errors.js").EngineError} error */
  fail(error) {
    if (this.settled) return;
    this.#flush();
    this.settled = true;
    this.send({ type: "engine.error", call_id: this.call_id, error: error.toData() });
  }
}

/**
 * The pipeline behind a loaded model. WebLLM reports neither the length of a reused prompt nor the
 * log-probabilities of tokens it holds back (half a character), so both are read here.
 * @param {import("@mlc-ai/web-llm").MLCEngine} engine
 * @param {string} model_id
 * @returns {{filledKVCacheLength: number, getTokenLogprobArray: () => any[]} | undefined}
 */
const pipelineOf = (engine, model_id) =>
  /** @type {any} */ (engine).loadedModelIdToPipeline?.get(model_id);

/**
 * @param {import("@mlc-ai/web-llm").CompletionUsage | undefined} usage
 * @param {number | undefined} cached_tokens tokens in the KV cache after the call
 * @returns {Usage}
 */
function readUsage(usage, cached_tokens) {
  if (!usage) return NO_USAGE;
  const { prompt_tokens: prefilled_tokens, completion_tokens, extra } = usage;
  // The last sampled token is never fed, so it is not in the cache.
  const prompt_tokens =
    cached_tokens === undefined
      ? prefilled_tokens
      : cached_tokens - Math.max(completion_tokens - 1, 0);
  return {
    prompt_tokens,
    prefilled_tokens,
    completion_tokens,
    time_to_first_token_s: finite(extra.time_to_first_token_s),
    prefill_tokens_per_s: finite(extra.prefill_tokens_per_s),
    decode_tokens_per_s: finite(extra.decode_tokens_per_s),
    grammar_init_s: finite(extra.grammar_init_s),
  };
}

/**
 * @param {any[] | undefined} entries
 * @returns {TokenLogprob[]}
 */
const readLogprobs = (entries) =>
  (entries ?? []).map(({ token, logprob, top_logprobs }) => ({
    token,
    logprob,
    top: top_logprobs.map((/** @type {any} */ top) => ({ token: top.token, logprob: top.logprob })),
  }));

/**
 * @template T
 * @param {Promise<T>} step
 * @param {number} limit_ms
 * @returns {Promise<T>} rejects when the step takes longer
 */
async function alive(step, limit_ms) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const stalled = new Promise((_, reject) => {
    const error = new EngineError("engine_failed", `nothing came for ${limit_ms / 1000} s`);
    timer = setTimeout(() => reject(error), limit_ms);
  });
  try {
    return /** @type {T} */ (await Promise.race([step, stalled]));
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Runs one request to its end and settles the call.
 * @param {import("@mlc-ai/web-llm").MLCEngine} engine
 * @param {string} model_id
 * @param {import("@mlc-ai/web-llm").ChatCompletionRequestStreaming} request
 * @param {Call} call
 * @param {{first: number, next: number}} [limits_ms] for the prefill and for each token after it
 * @returns {Promise<"stop" | "length" | "abort">} the finish reason; throws what WebLLM throws, and
 *   EngineError `engine_failed` when nothing comes
 */
export async function streamCompletion(engine, model_id, request, call, limits_ms = LIMITS_MS) {
  /** @type {"stop" | "length" | "abort"} */
  let finish_reason = "stop";
  let usage;
  const stream = await alive(engine.chat.completions.create(request), limits_ms.first);
  const chunks = stream[Symbol.asyncIterator]();
  for (let limit_ms = limits_ms.first; ; limit_ms = limits_ms.next) {
    const { done, value: chunk } = await alive(chunks.next(), limit_ms);
    if (done) break;
    // WebLLM clears an interrupt that came before the stream started.
    if (call.interrupted) engine.interruptGenerate();
    usage = chunk.usage ?? usage;
    const [choice] = chunk.choices;
    if (!choice) continue;
    if (choice.finish_reason) finish_reason = /** @type {any} */ (choice.finish_reason);
    else call.push(choice.delta.content ?? "");
  }
  const pipeline = pipelineOf(engine, model_id);
  const logprobs = request.logprobs ? readLogprobs(pipeline?.getTokenLogprobArray()) : null;
  call.done(finish_reason, readUsage(usage, pipeline?.filledKVCacheLength), logprobs);
  return finish_reason;
}
