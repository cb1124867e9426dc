/** The models in the package, as the panel and Python see them. @import { ModelInfo } from "../shared/contract.js" */

/** @returns {Promise<ModelInfo[]>} the default model first */
export async function loadModels() {
  const response = await fetch(new URL("../models/manifest.json", import.meta.url));
  const { models, one_step_below_parameters = 0 } = await response.json();
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
    variant_of: model.variant_of ?? null,
    needs_f16: (model.required_features ?? []).includes("shader-f16"),
    one_step: model.parameters < one_step_below_parameters,
    for_tests: model.purpose === "test",
  }));
}

/** Names that differ only in what an id cannot hold get different ids. @param {string} server_id @param {string} name */
function idOf(server_id, name) {
  let hash = 0x811c9dc5; // FNV-1a
  for (const character of name) {
    hash = Math.imul(hash ^ Number(character.codePointAt(0)), 0x01000193) >>> 0;
  }
  const words = name.replace(/[^A-Za-z0-9_.-]/g, "_").slice(0, 25);
  return `${server_id}:${words}-${hash.toString(36)}`.slice(-80);
}

/**
 * The models of the user's servers, when the level lets them be reached. An id keeps to the contract's alphabet; the
 * label is the model's exact name on its server.
 * @param {import("../shared/contract.js").Settings} settings @returns {ModelInfo[]}
 */
export function serverModels({ level, servers }) {
  if (level === "device") return [];
  return servers.flatMap(({ server_id, kind, label, models }) =>
    models.map(({ name, context_window_tokens, images, tools }) => ({
      model_id: idOf(server_id, name),
      label: name,
      family: "general",
      description: label,
      size_bytes: 0,
      context_window_tokens,
      embedded: false,
      provider: kind ?? "openai",
      server_id,
      images,
      tools,
    })),
  );
}
