/** A bare page with WebLLM: loads a model folder of this server and reports log-probabilities. */

import { MLCEngine, ModelType } from "@mlc-ai/web-llm";

/** @type {MLCEngine} */
let engine;

async function load({ model_path, library_path, context_window_tokens, encoder }) {
  const url = (path) => new URL(path, location.href).href;
  const model_list = [
    {
      model_id: "checked",
      model: url(model_path),
      model_lib: url(library_path),
      ...(encoder && { model_type: ModelType.embedding }),
    },
  ];
  engine = new MLCEngine({ appConfig: { model_list, useIndexedDBCache: true }, logLevel: "WARN" });
  await engine.reload("checked", { context_window_size: context_window_tokens });
}

/**
 * An answer's tokens with the five best alternatives each. The most probable token wins unless
 * `sampling` says other; temperature 0 would report probabilities of 1 and 0.
 */
async function generate({ messages, max_tokens, sampling }) {
  await engine.resetChat();
  const reply = await engine.chat.completions.create({
    messages,
    max_tokens,
    ignore_eos: true,
    temperature: 1,
    top_p: 1e-5,
    logprobs: true,
    top_logprobs: 5,
    ...(sampling && { top_p: 1, ...sampling }),
  });
  const steps = reply.choices[0].logprobs.content.map((step) => ({
    token: step.token,
    logprob: step.logprob,
    top: step.top_logprobs.map(({ token, logprob }) => ({ token, logprob })),
  }));
  return { steps, prompt_tokens: reply.usage.prompt_tokens };
}

/** One vector per text, as the embedding engine gives them, and the tokens it counted. */
async function embed({ texts }) {
  const { data, usage } = await engine.embeddings.create({ input: texts });
  return { vectors: data.map(({ embedding }) => embedding), tokens: usage.prompt_tokens };
}

globalThis.checked = { load, generate, embed };
