/** The models in the package, as the panel and Python see them. @import { ModelInfo } from "../shared/contract.js" */

/** @returns {Promise<ModelInfo[]>} the default model first */
export async function loadModels() {
  const response = await fetch(new URL("../models/manifest.json", import.meta.url));
  const { models } = await response.json();
  return models.map((/** @type {any} */ model) => ({
    model_id: model.id,
    label: model.name,
    family: model.prompt_family,
    description: model.label,
    size_bytes: model.files.reduce(
      (/** @type {number} */ sum, /** @type {any} */ f) => sum + f.bytes,
      0,
    ),
    context_window_tokens: model.context_window_tokens,
    embedded: true,
  }));
}
