/** Counts the tokens of a prompt as WebLLM would feed it, without running the model. */

import { EngineError, generateError } from "./errors.js";
import { checkedCount } from "./request.js";
import { requestMessages } from "./template.js";

/** Texts whose counts are kept: all but the newest message of a prompt were counted before. */
const KEPT_TEXTS = 128;

/**
 * @typedef {object} Pipeline the part of WebLLM's pipeline that makes prompts
 * @property {{encode: (text: string) => {length: number}}} tokenizer
 * @property {{config: any, constructor: new (config: any, is_text_completion: boolean) => any}} conversation
 * @property {any} config
 */

export class TokenCounter {
  /** @type {Map<string, number>} oldest use first */
  #known = new Map();

  /**
   * @param {import("@mlc-ai/web-llm").MLCEngine} engine
   * @param {string} model_id
   * @param {{neutralise: (text: string) => string, literal_messages: boolean}} text
   */
  constructor(engine, model_id, text) {
    const models = /** @type {any} */ (engine).loadedModelIdToPipeline;
    /** @type {Pipeline | undefined} */
    this.pipeline = models?.get(model_id);
    this.text = text;
  }

  /**
   * @param {readonly {role: string, content: string}[]} messages
   * @returns {number} tokens of the whole prompt, the head of the answer included
   */
  count(messages) {
    if (!this.pipeline) throw new EngineError("engine_failed", "the tokenizer cannot be reached");
    const { conversation, config } = this.pipeline;
    const scratch = new conversation.constructor(conversation.config, false);
    for (const { role, content } of requestMessages(messages, this.text)) {
      if (role === "system") scratch.override_system_message = content;
      else scratch.appendMessage(role, content);
    }
    scratch.appendReplyHeader("assistant");
    const prefix = conversation.config.system_prefix_token_ids?.length ?? 0;
    /** @type {string[]} WebLLM encodes each of them by itself */
    const texts = scratch.getPromptArray(config);
    return texts.reduce((tokens, text) => tokens + this.#encoded(text), prefix);
  }

  /** @param {string} text */
  #encoded(text) {
    const tokens = this.#known.get(text) ?? this.pipeline?.tokenizer.encode(text).length ?? 0;
    this.#known.delete(text);
    this.#known.set(text, tokens);
    const [oldest] = this.#known.keys();
    if (this.#known.size > KEPT_TEXTS && oldest !== undefined) this.#known.delete(oldest);
    return tokens;
  }
}

/**
 * Answers an `engine.count` message: at once with the loaded model, which may be at work, else when
 * the model is loaded. Ends with exactly one `engine.counted` or `engine.error`.
 * @param {unknown} value
 * @param {(message: import("./types").CallMessage) => void} send
 * @param {(model_id: string) => Promise<import("./start.js").Loaded> | import("./start.js").Loaded} loadedOf
 */
export async function answerCount(value, send, loadedOf) {
  const call_id = String(/** @type {any} */ (value)?.call_id);
  try {
    const { model_id, messages } = checkedCount(value);
    const { counter } = await loadedOf(model_id);
    send({ type: "engine.counted", call_id, tokens: counter.count(messages) });
  } catch (error) {
    send({ type: "engine.error", call_id, error: generateError(error).error.toData() });
  }
}
