/** WebLLM in a bare page of a machine with a graphics card: speed, log-probabilities, profile. */

import { MLCEngine } from "@mlc-ai/web-llm";
import * as profile from "../raw_webllm/profile.js";

profile.install();

// Weights of gigabytes lie on this machine's own server: read them there, keep no second copy.
CacheStorage.prototype.open = async () => ({
  match: async (request) => {
    const get = async () => {
      const response = await fetch(request.url);
      if (!response.ok) throw new Error(`${request.url}: ${response.status}`);
      return response;
    };
    return {
      json: async () => (await get()).json(),
      arrayBuffer: async () => (await get()).arrayBuffer(),
    };
  },
  keys: async () => [],
  add: async () => undefined,
  delete: async () => true,
});

/** @type {MLCEngine | undefined} */
let engine;

/** The adapter's vendor, features and whether it is software; null when there is none. */
async function adapter() {
  const found = await navigator.gpu?.requestAdapter();
  if (!found) return null;
  const { vendor, architecture, description } = found.info;
  const features = [...found.features].sort();
  return { vendor, architecture, description, features, fallback: found.info.isFallbackAdapter };
}

/** Loads a folder of this server; returns seconds. */
async function load({ folder, library, context_window_tokens }) {
  const started_ms = performance.now();
  await engine?.unload();
  const url = (path) => new URL(path, location.href).href;
  const model_list = [{ model_id: folder, model: url(folder), model_lib: url(library) }];
  engine = new MLCEngine({ appConfig: { model_list }, logLevel: "WARN" });
  await engine.reload(folder, { context_window_size: context_window_tokens });
  return (performance.now() - started_ms) / 1000;
}

/** One greedy answer from an empty cache; seconds and tokens. */
async function speed({ text, max_tokens }) {
  await engine.resetChat();
  const started_ms = performance.now();
  let first_ms = 0;
  let usage;
  for await (const chunk of await engine.chat.completions.create({
    messages: [{ role: "user", content: text }],
    max_tokens,
    ignore_eos: true,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true },
  })) {
    first_ms ||= performance.now();
    usage = chunk.usage ?? usage;
  }
  const { prompt_tokens, completion_tokens, extra } = usage;
  return {
    prompt_tokens,
    completion_tokens,
    time_to_first_token_s: (first_ms - started_ms) / 1000,
    prefill_tokens_per_s: extra.prefill_tokens_per_s,
    decode_tokens_per_s: extra.decode_tokens_per_s,
  };
}

/** Log-probabilities: the most probable token wins, with the five best alternatives. */
async function logprobs({ text, max_tokens }) {
  await engine.resetChat();
  const reply = await engine.chat.completions.create({
    messages: [{ role: "user", content: text }],
    max_tokens,
    ignore_eos: true,
    temperature: 1,
    top_p: 1e-5,
    logprobs: true,
    top_logprobs: 5,
  });
  const steps = reply.choices[0].logprobs.content.map((step) => ({
    token: step.token,
    logprob: step.logprob,
    top: step.top_logprobs.map(({ token, logprob }) => ({ token, logprob })),
  }));
  return { steps, prompt_tokens: reply.usage.prompt_tokens };
}

/** As `speed`, with the GPU's time per kernel (`kernels`) or only waits and submits. */
async function profiled({ text, max_tokens, kernels }) {
  profile.start({ kernels });
  const spent = await speed({ text, max_tokens });
  return { ...(await profile.stop()), ...spent };
}

globalThis.device = { adapter, load, speed, logprobs, profiled };
