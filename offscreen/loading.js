/** Loading the model of an answer, or one that stands in for it. @import { ErrorData, ModelInfo } from "../shared/contract.js" */
import { BusError, toErrorData } from "../shared/errors.js";
import { fallback, withOffers } from "./fallback.js";

/** More tries than there are kinds of trouble would only keep the person waiting. */
const MAX_TRIES = 5;

/** What the fallback is decided by. @param {import("./parts.js").Parts} parts @param {import("./turns.js").Turn} turn @param {ErrorData} error @param {boolean} begun */
function situation({ choices, engine }, turn, error, begun) {
  const { shader_f16 } = engine.state.device ?? {};
  const { level, servers } = choices.settings;
  return {
    code: error.code,
    model_id: turn.body.model_id,
    models: choices.models,
    servers,
    level,
    shader_f16: typeof shader_f16 === "boolean" ? shader_f16 : null,
    tried: turn.failed,
    begun,
  };
}

/**
 * Resolves when a model is ready, which then is the turn's. Rejects with the engine's error and the models that could
 * be chosen instead.
 * @param {import("./parts.js").Parts} parts @param {import("./turns.js").Turn} turn
 * @param {(code: string, message: string) => void} notice @returns {Promise<ModelInfo>}
 */
export async function loadModelOf(parts, turn, notice) {
  const { choices, engine } = parts;
  for (;;) {
    const model = /** @type {ModelInfo} */ (choices.find(turn.body.model_id));
    if (!choices.needsEngine(model)) return model;
    try {
      await engine.load(model.model_id);
      return model;
    } catch (thrown) {
      const error = toErrorData(thrown);
      turn.failed.push(model.model_id);
      const step = fallback(situation(parts, turn, error, false));
      if (step.step === "offer" || turn.failed.length >= MAX_TRIES || turn.stopped) {
        throw new BusError(withOffers(error, step));
      }
      notice("other_model", `${error.message} ${step.notice}`);
      if (step.step === "use") {
        turn.body = { ...turn.body, model_id: step.model.model_id };
        turn.journal.message.model_id = step.model.model_id;
        await choices.choose(step.model.model_id);
        parts.pushState();
      }
    }
  }
}

/** The error of an answer that Python gave up, with the models that could be chosen instead. @param {import("./parts.js").Parts} parts @param {import("./turns.js").Turn} turn @param {ErrorData} error */
export function explained(parts, turn, error) {
  turn.failed.push(turn.body.model_id);
  return withOffers(error, fallback(situation(parts, turn, error, true)));
}
