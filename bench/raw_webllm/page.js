/** WebLLM alone in a page: no extension, no worker, no Python. */

import { MLCEngine } from "@mlc-ai/web-llm";
import * as profile from "./profile.js";

if (location.search === "?profile") profile.install();

/** @type {MLCEngine} */
let engine;

/** Loads a model folder of this server; returns seconds. */
async function load({ model_id, model_path, library_path, context_window_tokens }) {
  const started_ms = performance.now();
  const url = (path) => new URL(`models/${path}`, location.href).href;
  const model_list = [{ model_id, model: url(model_path), model_lib: url(library_path) }];
  engine = new MLCEngine({ appConfig: { model_list }, logLevel: "WARN" });
  await engine.reload(model_id, { context_window_size: context_window_tokens });
  return (performance.now() - started_ms) / 1000;
}

/** One greedy answer from an empty KV cache, timed from request to first and last chunk. */
async function generate({ messages, max_tokens, grammar, ignore_eos }) {
  await engine.resetChat();
  const started_ms = performance.now();
  let first_ms = null;
  let last_ms = started_ms;
  let text = "";
  let usage = null;
  const request = { messages, max_tokens, ignore_eos, temperature: 0, stream: true };
  if (grammar) request.response_format = { type: "grammar", grammar };
  request.stream_options = { include_usage: true };
  for await (const chunk of await engine.chat.completions.create(request)) {
    usage = chunk.usage ?? usage;
    const delta = chunk.choices[0]?.delta.content;
    if (!delta) continue;
    text += delta;
    last_ms = performance.now();
    first_ms ??= last_ms;
  }
  const { prompt_tokens, completion_tokens, extra } = usage;
  return {
    text,
    prompt_tokens,
    completion_tokens,
    time_to_first_token_s: (first_ms - started_ms) / 1000,
    total_s: (last_ms - started_ms) / 1000,
    tokens_per_s: (completion_tokens - 1) / ((last_ms - first_ms) / 1000),
    prefill_tokens_per_s: extra.prefill_tokens_per_s,
    decode_tokens_per_s: extra.decode_tokens_per_s,
  };
}

globalThis.raw = { load, generate, profile };
