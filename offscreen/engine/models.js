/** The models the engine knows, from `models/manifest.json` in the package. */

import { EngineError } from "./errors.js";
import { readPackaged } from "./packaged-cache.js";
import { chainedTemplate } from "./template.js";

/** @typedef {import("./types").ModelEntry} ModelEntry */
/** @typedef {import("./packaged-cache.js").PackagedFile} PackagedFile */

/** @param {string} hex SHA-256 in hex @returns {string} the `integrity` form of it */
function sri(hex) {
  const bytes = hex.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? [];
  return `sha256-${btoa(String.fromCharCode(...bytes))}`;
}

export class ModelCatalog {
  /** @type {Map<string, ModelEntry & {base_url: string}>} */
  #models = new Map();
  /** @type {Set<string>} base URLs already read */
  #read = new Set();
  /** Packaged files by absolute URL. @type {Map<string, PackagedFile>} */
  files = new Map();

  /**
   * Reads `manifest.json` under a base URL, once.
   * @param {string} base_url absolute, ends with "/"
   */
  async read(base_url) {
    if (this.#read.has(base_url)) return;
    const url = new URL("manifest.json", base_url).href;
    const response = await fetch(url).catch(() => null);
    if (!response?.ok) throw new EngineError("model_files_missing", "models/manifest.json");
    const manifest = await response.json();
    for (const model of manifest.models) {
      this.#models.set(model.id, { ...model, base_url });
      for (const { path, bytes, sha256 } of model.files)
        this.files.set(new URL(path, base_url).href, { bytes, sha256 });
    }
    this.#read.add(base_url);
  }

  /** @param {string} model_id @returns {ModelEntry & {base_url: string}} */
  get(model_id) {
    const model = this.#models.get(model_id);
    if (!model) throw new EngineError("unknown_model", model_id);
    return model;
  }

  /**
   * What WebLLM needs to load a model.
   * @param {string} model_id
   * @param {number} [context_window_tokens]
   */
  async record(model_id, context_window_tokens) {
    const model = this.get(model_id);
    const { base_url } = model;
    const config_url = new URL(`${model.model_path}/resolve/main/mlc-chat-config.json`, base_url);
    const config_file = /** @type {PackagedFile} */ (this.files.get(config_url.href));
    const config = JSON.parse(
      new TextDecoder().decode(await readPackaged(config_url.href, config_file)),
    );
    const { template, exact_reuse } = chainedTemplate(config.conv_template);
    const library = model.files.find(({ role }) => role === "library");
    if (!library) throw new EngineError("model_files_missing", `${model_id}: no library`);
    const context_window_size = Math.min(
      context_window_tokens ?? model.context_window_tokens,
      model.context_window_tokens,
    );
    return {
      model,
      exact_reuse,
      chat_options: { context_window_size, conv_template: template },
      app_config: /** @type {import("@mlc-ai/web-llm").AppConfig} */ ({
        cacheBackend: "cache",
        model_list: [
          {
            model: new URL(model.model_path, base_url).href,
            model_id,
            model_lib: new URL(library.path, base_url).href,
            required_features: model.required_features,
            integrity: { model_lib: sri(library.sha256), onFailure: "error" },
          },
        ],
      }),
    };
  }
}
