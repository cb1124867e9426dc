/** From a generate request of the Python side to a WebLLM chat completion request. */

import { EngineCount, EngineGenerate } from "../../shared/contract-check.js";
import { EngineError } from "./errors.js";
import { requestMessages } from "./template.js";

/** @typedef {import("./types").GenerateOptions} GenerateOptions */
/** @typedef {import("./types").GenerateRequest} GenerateRequest */
/** @typedef {import("./types").CountRequest} CountRequest */

/** @param {GenerateOptions} options */
function responseFormat({ grammar, structural_tag, json_schema }) {
  if (grammar) return { type: "grammar", grammar };
  if (structural_tag) return { type: "structural_tag", structural_tag };
  // `json_schema` as a type is silently ignored by WebLLM; this form constrains.
  if (json_schema) return { type: "json_object", schema: json_schema };
  return undefined;
}

/**
 * @param {GenerateOptions} options
 * @returns {{temperature: number, top_p: number}}
 */
function sampling({ temperature = 0, top_p = 1, logprobs = false }) {
  // WebLLM divides logits by the temperature before it reads log-probabilities, so at 0 they would
  // all be 0 or minus infinity. The smallest top_p picks the same token at temperature 1.
  if (temperature === 0 && logprobs) return { temperature: 1, top_p: 1e-5 };
  return { temperature, top_p };
}

/**
 * @template {{messages: unknown[]}} T
 * @param {unknown} value
 * @param {unknown} validator
 * @returns {T} throws EngineError `bad_request`
 */
function checked(value, validator) {
  const valid = /** @type {any} */ (validator);
  if (!valid(value)) {
    const [{ instancePath, message }] = valid.errors ?? [{}];
    throw new EngineError("bad_request", `${instancePath || "message"} ${message}`);
  }
  const request = /** @type {T} */ (value);
  if (request.messages.length === 0) throw new EngineError("bad_request", "no messages");
  return request;
}

/** @param {unknown} value @returns {GenerateRequest} throws EngineError `bad_request` */
export const checkedRequest = (value) => checked(value, EngineGenerate);

/** @param {unknown} value @returns {CountRequest} throws EngineError `bad_request` */
export const checkedCount = (value) => checked(value, EngineCount);

/**
 * @param {GenerateRequest} request
 * @param {{neutralise: (text: string) => string, literal_messages: boolean}} text
 * @returns {import("@mlc-ai/web-llm").ChatCompletionRequestStreaming}
 */
export function completionRequest({ messages, options }, text) {
  const top_logprobs = options.logprobs ? Math.max(1, Math.min(options.top_logprobs ?? 1, 5)) : 0;
  return /** @type {any} */ ({
    stream: true,
    stream_options: { include_usage: true },
    messages: requestMessages(messages, text),
    ...sampling(options),
    max_tokens: options.max_tokens ?? 512,
    ...(options.seed == null ? {} : { seed: options.seed }),
    ...(options.stop?.length ? { stop: options.stop } : {}),
    ...(options.logprobs ? { logprobs: true, top_logprobs } : {}),
    ...(responseFormat(options) ? { response_format: responseFormat(options) } : {}),
  });
}
