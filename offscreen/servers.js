/** What a model server offers. @import { Server, ServerModel } from "../shared/contract.js" */
import { problem } from "../shared/errors.js";
import { askProgram, factsOf } from "./server-facts.js";
import { ask } from "./server-requests.js";

const MAX_MODELS = 500;
const UNKNOWN_WINDOW_TOKENS = 8192;
const ANTHROPIC_WINDOW_TOKENS = 200_000;
const MOST_WINDOW_TOKENS = 10_000_000;
const PURPOSE = "list the server's models";

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

/** @param {import("./network-host.js").NetworkHost} network @param {Server} server @returns {Promise<any[]>} */
async function readList(network, server) {
  const query = server.kind === "anthropic" ? "?limit=1000" : "";
  const url = `${server.base_url}/models${query}`;
  const { status, value } = await ask(network, server, url, { purpose: PURPOSE });
  if (status !== 200) throw refusal(server, status);
  if (!Array.isArray(value?.data)) {
    throw problem(
      "server_not_understood",
      `${new URL(server.base_url).host} did not answer with a list of models.`,
      "Check the address: most servers want it to end in /v1.",
    );
  }
  const named = value.data.filter(
    (/** @type {any} */ one) => typeof one?.id === "string" && one.id && one.id.length <= 500,
  );
  return named.slice(0, MAX_MODELS);
}

/** @param {any} model @returns {ServerModel} */
const claude = (model) => ({
  name: model.id,
  context_window_tokens:
    Number.isInteger(model.max_input_tokens) && model.max_input_tokens >= 256
      ? Math.min(model.max_input_tokens, MOST_WINDOW_TOKENS)
      : ANTHROPIC_WINDOW_TOKENS,
  images: model.capabilities?.image_input?.supported !== false,
  tools: true,
});

/** @param {import("./network-host.js").NetworkHost} network @param {Server} server @returns {Promise<ServerModel[]>} */
export async function readServerModels(network, server) {
  const models = await readList(network, server);
  if (server.kind === "anthropic") return models.map(claude);
  const told = await askProgram(network, server, models);
  return models.flatMap((model) => {
    const listed = factsOf(model);
    const own = told.get(model.id);
    if (own?.chat === false) return [];
    const window = own?.window ?? listed.window ?? UNKNOWN_WINDOW_TOKENS;
    return {
      name: model.id,
      context_window_tokens: Math.min(window, MOST_WINDOW_TOKENS),
      images: own?.images ?? listed.images,
      tools: own?.tools ?? listed.tools,
    };
  });
}
