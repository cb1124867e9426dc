/** Makes a WebLLM engine with one model in it, ready to answer. */

import { MLCEngine } from "@mlc-ai/web-llm";
import { TokenCounter } from "./count.js";
import { controlTokenEscaper } from "./escape.js";

/** @typedef {{mlc: MLCEngine, model_id: string, context_window_tokens: number, exact_reuse: boolean,
 *   neutralise: (text: string) => string, counter: TokenCounter, dirty: boolean}} Loaded */

/** Compiles the shaders' pipelines and the grammar tables that the first answer would wait for. */
const WARM_UP = /** @type {any} */ ({
  messages: ["system", "user"].map((role) => ({ role, content: "" })),
  max_tokens: 2,
  temperature: 0,
  response_format: { type: "grammar", grammar: "root ::= [a-zA-Z ]+" },
});

/**
 * @param {string} model_id
 * @param {Awaited<ReturnType<import("./models.js").ModelCatalog["record"]>>} record
 * @param {import("./progress.js").LoadProgress} progress
 * @returns {Promise<Loaded>}
 */
export async function startModel(model_id, record, progress) {
  const mlc = new MLCEngine({
    appConfig: record.app_config,
    initProgressCallback: (report) => progress.report(report),
    logLevel: "WARN",
  });
  await mlc.reload(model_id, record.chat_options);
  progress.enter("warm_up");
  await mlc.chat.completions.create(WARM_UP);
  await mlc.resetChat();
  const { exact_reuse } = record;
  const neutralise = controlTokenEscaper(record.model.control_tokens);
  return {
    mlc,
    model_id,
    context_window_tokens: record.chat_options.context_window_size,
    exact_reuse,
    neutralise,
    counter: new TokenCounter(mlc, model_id, { neutralise, literal_messages: exact_reuse }),
    dirty: false,
  };
}
