// What is read of model servers, run in Node over a scripted network: prints one JSON object, name -> outcome.
import { readServerModels } from "../../offscreen/servers.js";

/** Answers by path; what it was asked is kept. */
function network(answers) {
  const asked = [];
  return {
    asked,
    cancel() {},
    async send({ method, url, body, headers, key_name }, _server, asked_by, listener) {
      const { origin, pathname, search } = new URL(url);
      asked.push({ method, url, body: body && JSON.parse(body), headers, key_name, asked_by });
      let answer = answers[pathname + search] ?? answers[pathname];
      if (typeof answer === "function") answer = answer(body && JSON.parse(body));
      if (answer === "unreachable") throw new Error(`${origin} did not answer`);
      queueMicrotask(() => {
        const text = typeof answer === "string" ? answer : JSON.stringify(answer ?? {});
        for (let at = 0; at < text.length; at += 50) listener.onChunk(text.slice(at, at + 50));
        listener.onEnd(null);
      });
      return { status: answer === undefined ? 404 : 200, headers: {} };
    },
  };
}

const server = (base_url, more = {}) => ({
  server_id: "s-1",
  kind: "openai",
  label: "Mine",
  base_url,
  has_key: false,
  models: [],
  ...more,
});

const results = {};
async function read(name, base_url, answers, more) {
  const net = network(answers);
  const models = await readServerModels(net, server(base_url, more)).catch((error) => error.data);
  results[name] = { models, asked: net.asked };
}

const list = (...models) => ({ object: "list", data: models });

await read("vllm", "http://10.0.0.1:8000/v1", {
  "/v1/models": list({ id: "m", owned_by: "vllm", max_model_len: 32768 }),
});
await read("openrouter", "https://router.example/api/v1", {
  "/api/v1/models": list(
    {
      id: "a/b",
      context_length: 131072,
      architecture: { input_modalities: ["text", "image"] },
      supported_parameters: ["tools", "seed"],
    },
    { id: "c", context_length: 100, architecture: { input_modalities: ["text"] } },
  ),
});
await read("llama_cpp", "http://localhost:8080/v1", {
  "/v1/models": list({ id: "m", owned_by: "llamacpp", meta: { n_ctx_train: 131072 } }),
  "/props": { default_generation_settings: { n_ctx: 4096 }, modalities: { vision: true } },
});
await read("lm_studio", "http://localhost:1234/v1", {
  "/v1/models": list({ id: "vl" }, { id: "embed" }, { id: "idle" }),
  "/api/v0/models": list(
    {
      id: "vl",
      type: "vlm",
      loaded_context_length: 8192,
      max_context_length: 131072,
      capabilities: ["tool_use"],
    },
    { id: "embed", type: "embeddings", max_context_length: 512 },
    { id: "idle", type: "llm", max_context_length: 32768, capabilities: [] },
  ),
});
const shown = {
  big: {
    model_info: { "llama.context_length": 131072 },
    parameters: 'stop "x"\nnum_ctx                        16384',
    capabilities: ["completion", "tools", "vision"],
  },
  plain: { model_info: { "gemma.context_length": 8192 }, capabilities: ["completion"] },
  small: { model_info: { "old.context_length": 2048 } },
  loaded: { model_info: { "qwen.context_length": 40960 }, capabilities: ["completion", "tools"] },
  embed: { model_info: { "bert.context_length": 512 }, capabilities: ["embedding"] },
};
await read(
  "ollama",
  "http://localhost:11434/v1",
  {
    "/v1/models": list(...Object.keys(shown).map((id) => ({ id, owned_by: "library" }))),
    "/api/ps": { models: [{ name: "loaded", context_length: 32768 }] },
    "/api/show": ({ model }) => shown[model],
  },
  { has_key: true },
);
await read("silent_program", "http://localhost:11434/v1", {
  "/v1/models": list({ id: "m", owned_by: "library" }),
  "/api/ps": "unreachable",
  "/api/show": "<html>no</html>",
});
await read("unknown_program", "https://models.example/v1", {
  "/v1/models": list({ id: "m" }, { id: 7 }, null, { id: "" }),
});
await read(
  "anthropic",
  "https://api.anthropic.com/v1",
  {
    "/v1/models?limit=1000": list(
      { id: "claude-a", display_name: "A", max_input_tokens: 500000 },
      { id: "claude-b", capabilities: { image_input: { supported: false } } },
    ),
  },
  { kind: "anthropic", has_key: true },
);
await read("web_page", "http://localhost:1/v1", { "/v1/models": "<html>Sign in</html>" });
await read("nothing_there", "http://localhost:1/v1", {});
process.stdout.write(JSON.stringify(results));
