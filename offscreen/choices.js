/**
 * What the user chose, as this document knows it: the privacy settings, the models they allow, the chosen model.
 * @import { ModelInfo, Server, Settings } from "../shared/contract.js"
 */
import { problem } from "../shared/errors.js";
import { loadModels, serverModels } from "./models.js";

const DEFAULT_MODEL = "starter";

export class Choices {
  /**
   * @param {import("./storage/client.js").Storage} storage @param {() => Promise<Settings>} readSettings
   * @param {(settings: Settings) => void} on_settings
   * @param {import("./builtin.js").Builtin} builtin
   */
  constructor(storage, readSettings, on_settings, builtin) {
    this.builtin = builtin;
    this.storage = storage;
    this.readSettings = readSettings;
    this.on_settings = on_settings;
    /** @type {ModelInfo[]} */
    this.packaged = [];
    /** @type {ModelInfo[]} */
    this.models = [];
    this.model_id = DEFAULT_MODEL;
    /** @type {Settings} until the background worker tells: the strictest */
    this.settings = {
      level: "device",
      max_level: "web",
      servers: [],
      local_changes: "ask",
      disabled_tools: [],
      managed: [],
    };
  }

  async begin() {
    const [packaged, chosen, settings, own] = await Promise.all([
      loadModels(),
      this.storage.readChoice("model"),
      this.readSettings(),
      this.builtin.model(),
    ]);
    this.packaged = own ? [...packaged, own] : packaged;
    // A release may carry other models than the version that stored the choice.
    this.model_id = String(chosen);
    this.use(settings);
  }

  /** @param {Settings} settings */
  use(settings) {
    this.settings = settings;
    this.models = [...this.packaged, ...serverModels(settings)];
    if (!this.find(this.model_id)) this.model_id = DEFAULT_MODEL;
    this.on_settings(settings);
  }

  /** @param {string | undefined} model_id */
  find(model_id) {
    return this.models.find((model) => model.model_id === model_id);
  }

  /** @param {string} model_id */
  async choose(model_id) {
    if (!this.find(model_id)) {
      throw problem("unknown_model", `There is no model ${model_id}.`, "Choose another model.");
    }
    if (model_id === this.model_id) return;
    this.model_id = model_id;
    // Only a convenience: a full disk must not stop the question.
    await this.storage.writeChoice("model", model_id).catch(() => {});
  }

  /** @param {ModelInfo | undefined} model */
  needsEngine(model) {
    return (model?.provider ?? "webllm") === "webllm";
  }

  /** The server of a model, with that model alone; null for a model on this device. @param {ModelInfo | undefined} model @returns {Server | null} */
  serverOf(model) {
    const server = this.settings.servers.find(({ server_id }) => server_id === model?.server_id);
    if (!server) return null;
    return { ...server, models: server.models.filter(({ name }) => name === model?.label) };
  }
}
