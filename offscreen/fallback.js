/**
 * What to do when a model cannot answer, as one function of what is known (decision 40). Steps on this device are taken,
 * and told; a server is only offered.
 * @import { ErrorData, ModelInfo, ModelOffer, Server, Settings } from "../shared/contract.js"
 */

/**
 * @typedef {{
 *   code: string,
 *   model_id: string,
 *   models: ModelInfo[],
 *   servers: Server[],
 *   level: Settings["level"],
 *   shader_f16: boolean | null,
 *   tried: string[],
 *   begun: boolean,
 * }} Situation
 * `tried`: models that failed for this answer, once for each time; `begun`: some of the answer is there already, so
 * nothing may be said twice.
 * @typedef {{step: "retry" | "use", model: ModelInfo, notice: string} | {step: "offer", offers: ModelOffer[], hint: string}} Step
 */

const MAX_OFFERS = 3;
/** No model runs on the graphics device. */
const NO_DEVICE = new Set(["no_webgpu", "no_adapter"]);
/** The device or the engine was lost; the same model may well load again. */
const LOST = new Set(["device_lost", "engine_crashed", "engine_failed"]);
/** This model does not run here; another one may. */
const NOT_THIS_ONE = new Set([
  "missing_feature",
  "out_of_memory",
  "load_failed",
  "model_files_missing",
]);
/** What the server or the browser's own model did; another one may answer. */
const NOT_THERE =
  /^(server_|network_(unreachable|timeout|broken)|stream_broken|rate_limited|quota_exceeded|bad_api_key|access_denied|unknown_model|not_a_model_server|builtin_|content_filtered)/;

/** @param {ModelInfo} model */
const onGraphics = (model) => (model.provider ?? "webllm") === "webllm";

/**
 * Models of the graphics device that may run where this one did not: the same one without 16-bit shaders, smaller
 * ones from the largest down, the embedded one last.
 * @param {Situation} situation @param {ModelInfo} failed
 */
function onDevice({ models, shader_f16, tried, code }, failed) {
  const could = models.filter(
    (model) =>
      onGraphics(model) &&
      !model.for_tests &&
      model.model_id !== failed.model_id &&
      !tried.includes(model.model_id) &&
      !(model.needs_f16 && (shader_f16 === false || code === "missing_feature")),
  );
  const family = failed.variant_of ?? failed.model_id;
  const same = could.filter(
    (model) =>
      (model.variant_of ?? model.model_id) === family && failed.needs_f16 && !model.needs_f16,
  );
  // More memory than what was too much already is no help.
  const variants = code === "out_of_memory" ? [] : same;
  const others = could.filter((model) => !same.includes(model));
  const size = (/** @type {ModelInfo} */ model) => model.size_bytes;
  const smaller = others
    .filter((model) => !model.embedded && size(model) < size(failed))
    .sort((a, b) => size(b) - size(a));
  const embedded = others.filter((model) => model.embedded).sort((a, b) => size(a) - size(b));
  return [...variants, ...smaller, ...embedded];
}

/** @param {Situation} situation @returns {Step} */
export function fallback(situation) {
  const { code, model_id, models, level, servers, tried, begun } = situation;
  const failed = models.find((model) => model.model_id === model_id);
  const lost_before = tried.filter((id) => id === model_id).length > 1;
  const graphics = failed !== undefined && onGraphics(failed);
  if (graphics && LOST.has(code) && !lost_before && !begun) {
    return { step: "retry", model: failed, notice: `${failed.label} is loaded again.` };
  }
  const steps = !graphics || NO_DEVICE.has(code) ? [] : onDevice(situation, failed);
  const own = models.filter(
    (model) =>
      model.provider === "builtin" &&
      model_id !== model.model_id &&
      !tried.includes(model.model_id),
  );
  const reachable = level === "device" ? [] : models.filter(({ server_id }) => server_id);
  const away = reachable.filter(
    (model) => model.model_id !== model_id && !tried.includes(model.model_id),
  );
  const engine_trouble = NO_DEVICE.has(code) || LOST.has(code) || NOT_THIS_ONE.has(code);
  const next = [...steps, ...own][0];
  if (graphics && engine_trouble && !begun && next) {
    const notice = `${failed.label} cannot run here now. ${next.label} answers instead, on this device.`;
    return { step: "use", model: next, notice };
  }
  // A model of a server that fails was chosen as it is: nothing takes its place unasked.
  const local = graphics ? [] : models.filter((model) => onGraphics(model) && !model.for_tests);
  const offered =
    engine_trouble || NOT_THERE.test(code) ? [...steps, ...local, ...own, ...away] : [];
  return {
    step: "offer",
    offers: offered.slice(0, MAX_OFFERS).map((model) => offer(model, servers)),
    // A device that was lost once is likely back: the error's own advice is enough.
    hint:
      engine_trouble && (lost_before || !LOST.has(code))
        ? hintOf(level, servers, offered.length > 0)
        : "",
  };
}

/** @param {ModelInfo} model @param {Server[]} servers @returns {string | null} */
function hostOf({ server_id }, servers) {
  const server = servers.find((one) => one.server_id === server_id);
  return server ? new URL(server.base_url).host : null;
}

/** @param {ModelInfo} model @param {Server[]} servers @returns {ModelOffer} */
const offer = (model, servers) => ({
  model_id: model.model_id,
  label: model.label,
  host: hostOf(model, servers),
});

/** @param {Settings["level"]} level @param {Server[]} servers @param {boolean} any */
function hintOf(level, servers, any) {
  if (any) return "";
  if (level !== "device") return "Choose another model, or add a server under Privacy.";
  const hosts = [...new Set(servers.map(({ base_url }) => new URL(base_url).host))];
  return hosts.length
    ? `Or let chats go to ${hosts.join(", ")} under Privacy: nothing is sent before.`
    : "Or add a model server of your own under Privacy: nothing is sent before.";
}

/** The error with its way out. @param {ErrorData} error @param {Step} step @returns {ErrorData} */
export function withOffers(error, step) {
  if (step.step !== "offer") return error;
  const hint = [error.hint, step.hint].filter(Boolean).join(" ");
  return { ...error, hint, offers: step.offers };
}
