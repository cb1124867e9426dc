/**
 * What the programs behind an OpenAI-compatible address say of their models in their own ways: the context window that
 * a model really has there, and whether it sees images and takes tool calls.
 * @import { Server } from "../shared/contract.js"
 */
import { ask } from "./server-requests.js";

/** Null where nobody said. @typedef {{window: number | null, images: boolean | null, tools: boolean | null, chat: boolean}} Facts */
/** @typedef {(url: string, body?: any) => Promise<any>} Read the JSON at an address of the server's origin, null without */

const PURPOSE = "ask what the server's models can do";
/** What Ollama gives a model unless it is told otherwise. It cuts a longer prompt without a word. */
const OLLAMA_WINDOW_TOKENS = 4096;
const MAX_SHOWN = 40;
const AT_ONCE = 4;

/** @param {...any} counts @returns {number | null} the first that can be a window */
const windowIn = (...counts) =>
  counts.find((tokens) => Number.isInteger(tokens) && tokens >= 256) ?? null;

/** @param {any} list @param {any} name */
const listed = (list, name) => (Array.isArray(list) ? list.includes(name) : null);

/** As OpenRouter, vLLM and llama.cpp write it into the list itself. @param {any} model @returns {Facts} */
export function factsOf(model) {
  return {
    window: windowIn(
      model.max_model_len,
      model.context_length,
      model.max_context_length,
      model.meta?.n_ctx,
      model.meta?.n_ctx_train,
    ),
    images: listed(model.architecture?.input_modalities, "image"),
    tools: listed(model.supported_parameters, "tools"),
    chat: true,
  };
}

/** LM Studio: the window a model is loaded with, else the most it can have. @param {Read} read @returns {Promise<Map<string, Facts>>} */
async function lmStudio(read) {
  const { data } = (await read("/api/v0/models")) ?? {};
  const models = Array.isArray(data) ? data : [];
  return new Map(
    models.map((model) => [
      model?.id,
      {
        window: windowIn(model?.loaded_context_length, model?.max_context_length),
        images: model?.type ? model.type === "vlm" : null,
        tools: listed(model?.capabilities, "tool_use"),
        chat: model?.type !== "embeddings",
      },
    ]),
  );
}

/** @param {any} shown an answer of /api/show @param {number | null} loaded @returns {Facts} */
function ollamaFacts(shown, loaded) {
  const info = shown?.model_info ?? {};
  const length = Object.keys(info).find((name) => name.endsWith(".context_length"));
  const most = windowIn(length && info[length]);
  const [, wanted] = /^num_ctx\s+(\d+)/m.exec(String(shown?.parameters ?? "")) ?? [];
  const window = windowIn(loaded, Number(wanted)) ?? OLLAMA_WINDOW_TOKENS;
  const can = shown?.capabilities;
  return {
    window: most ? Math.min(window, most) : window,
    images: listed(can, "vision"),
    tools: listed(can, "tools"),
    chat: listed(can, "completion") ?? true,
  };
}

/** @param {Read} read @param {string[]} names @returns {Promise<Map<string, Facts>>} */
async function ollama(read, names) {
  const running = (await read("/api/ps"))?.models;
  const loaded = new Map(
    (Array.isArray(running) ? running : []).map((model) => [model?.name, model?.context_length]),
  );
  /** @type {Map<string, Facts>} */
  const facts = new Map();
  for (const name of names.slice(MAX_SHOWN)) facts.set(name, ollamaFacts(null, loaded.get(name)));
  const waiting = names.slice(0, MAX_SHOWN);
  const work = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) {
      facts.set(name, ollamaFacts(await read("/api/show", { model: name }), loaded.get(name)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return facts;
}

/** llama.cpp serves one model, with the window it was started with. @param {Read} read @param {string[]} names @returns {Promise<Map<string, Facts>>} */
async function llamaCpp(read, names) {
  const props = await read("/props");
  const window = windowIn(props?.default_generation_settings?.n_ctx, props?.n_ctx);
  const images = typeof props?.modalities?.vision === "boolean" ? props.modalities.vision : null;
  return new Map(names.map((name) => [name, { window, images, tools: null, chat: true }]));
}

/**
 * What the server's own program says. Others are not asked, so that nothing is tried on servers it does not concern.
 * @param {import("./network-host.js").NetworkHost} network @param {Server} server @param {any[]} models of its list
 * @returns {Promise<Map<string, Facts>>}
 */
export async function askProgram(network, server, models) {
  const { origin, port } = new URL(server.base_url);
  /** @type {Read} */
  const read = (path, body) =>
    ask(network, server, origin + path, { purpose: PURPOSE, body }).then(
      ({ status, value }) => (status === 200 ? value : null),
      () => null,
    );
  const names = models.map(({ id }) => id);
  const owned = (/** @type {string} */ by) => models.some(({ owned_by }) => owned_by === by);
  if (owned("llamacpp")) return llamaCpp(read, names);
  if (owned("organization_owner") || port === "1234") return lmStudio(read);
  if (owned("library") || port === "11434") return ollama(read, names);
  return new Map();
}
