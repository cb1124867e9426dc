/** What a model server offers. @import { Server, ServerModel } from "../shared/contract.js" */
import { problem } from "../shared/errors.js";

const TIMEOUT_S = 20;
const MAX_BYTES = 4_000_000;
const MAX_MODELS = 500;
const UNKNOWN_WINDOW_TOKENS = 8192;

/** Servers name the context window differently: vLLM, OpenRouter, LM Studio, llama.cpp. @param {any} model */
function windowOf(model) {
  const found = [
    model.max_model_len,
    model.context_length,
    model.max_context_length,
    model.meta?.n_ctx_train,
  ].find((tokens) => Number.isInteger(tokens) && tokens >= 256);
  return Math.min(found ?? UNKNOWN_WINDOW_TOKENS, 10_000_000);
}

/** @param {string} text @returns {any} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param {Server} server @param {number} status */
function refusal({ base_url }, status) {
  const { host } = new URL(base_url);
  if (status === 401 || status === 403) {
    return problem(
      "server_refused",
      `${host} refused the request (${status}).`,
      status === 401
        ? "Check the API key."
        : "Check the API key. Ollama lets extensions in when OLLAMA_ORIGINS contains chrome-extension://*.",
    );
  }
  return problem(
    "server_failed",
    `${host} answered with status ${status} instead of its list of models.`,
    "Check the address: most servers want it to end in /v1.",
    true,
  );
}

/** @param {import("./network-host.js").NetworkHost} network @param {Server} server @returns {Promise<ServerModel[]>} */
export async function readServerModels(network, server) {
  let body = "";
  /** @type {(error: import("../shared/contract.js").ErrorData | null) => void} */
  let finish = () => {};
  const ended = new Promise((resolve) => {
    finish = resolve;
  });
  const request_id = crypto.randomUUID();
  const listener = {
    onChunk(/** @type {string} */ text) {
      body += text;
      if (body.length > MAX_BYTES) network.cancel(request_id);
    },
    onEnd: finish,
  };
  const head = await network.send(
    {
      type: "offscreen.http_send",
      request_id,
      conversation_id: "none",
      method: "GET",
      url: `${server.base_url}/models`,
      purpose: "list the server's models",
      headers: {},
      body: null,
      key_name: server.has_key ? server.server_id : null,
      timeout_s: TIMEOUT_S,
    },
    server,
    "you",
    listener,
  );
  const error = await ended;
  if (head.status !== 200) throw refusal(server, head.status);
  const listed = error ? null : parsed(body)?.data;
  if (!Array.isArray(listed)) {
    throw problem(
      "server_not_understood",
      `${new URL(server.base_url).host} did not answer with a list of models.`,
      "Check the address: most servers want it to end in /v1.",
    );
  }
  const names = listed.filter(({ id } = {}) => typeof id === "string" && id && id.length <= 500);
  return names.slice(0, MAX_MODELS).map((model) => ({
    name: model.id,
    context_window_tokens: windowOf(model),
  }));
}
