/**
 * The panel's whole state and the one place that tells of changes: an event per changed key, and "view" when
 * one message changed inside. Elements subscribe while they are connected.
 * @import { ModelInfo } from "../shared/contract.js"
 * @import { MessageView, PanelState } from "./types.js"
 */
import { hostOf } from "./servers.js";

export const newId = (/** @type {string} */ prefix) => `${prefix}-${crypto.randomUUID()}`;

/** @returns {PanelState} */
export function emptyState() {
  return {
    window_id: null,
    link: "connecting",
    link_error: null,
    app: null,
    model_id: null,
    page: null,
    choice: { on: false, origin: null, read_document_id: null },
    reading: null,
    conversation_id: newId("c"),
    is_new: true,
    open_error: null,
    title: "",
    messages: [],
    live: null,
    imported: false,
    conversations: null,
    settings: null,
    settings_error: null,
    decisions: null,
    decisions_error: null,
    ledger: null,
    ledger_error: null,
    waiting_elsewhere: new Map(),
  };
}

export class Store extends EventTarget {
  state = emptyState();

  /** @param {Partial<PanelState>} patch */
  set(patch) {
    Object.assign(this.state, patch);
    for (const key of Object.keys(patch)) this.dispatchEvent(new Event(key));
  }

  /** A message changed inside. @param {MessageView} view */
  touch(view) {
    this.dispatchEvent(new CustomEvent("view", { detail: view }));
  }

  /**
   * Call `listener` now and at each change of these keys; returns the unsubscribe function.
   * @param {Array<keyof PanelState>} keys @param {() => void} listener
   */
  watch(keys, listener) {
    for (const key of keys) this.addEventListener(key, listener);
    listener();
    return () => {
      for (const key of keys) this.removeEventListener(key, listener);
    };
  }

  /** @param {(view: MessageView) => void} listener */
  onView(listener) {
    const on = (/** @type {Event} */ event) => listener(/** @type {CustomEvent} */ (event).detail);
    this.addEventListener("view", on);
    return () => this.removeEventListener("view", on);
  }

  /** The model the next turn runs on. */
  get model() {
    const { app, model_id } = this.state;
    const wanted = model_id ?? app?.model_id;
    return app?.models.find((model) => model.model_id === wanted) ?? app?.models[0] ?? null;
  }

  /** What is loading, loaded or has failed, which may be another model than the chosen one. */
  get engineModel() {
    const { app } = this.state;
    if ((this.model?.provider ?? "webllm") !== "webllm") return this.model;
    const { state, model_id } = app?.engine ?? {};
    const busy = state !== "idle" && app?.models.find((model) => model.model_id === model_id);
    return busy || this.model;
  }

  get settings() {
    return this.state.settings ?? this.state.app?.settings ?? null;
  }

  /** The server a model is on; null for a model of this device. @param {ModelInfo | null} model */
  serverOf(model) {
    if (!model?.server_id) return null;
    return this.settings?.servers.find(({ server_id }) => server_id === model.server_id) ?? null;
  }

  /** Where the next message goes: a host, or null when it stays here. */
  get destination() {
    const { model } = this;
    if (!model?.server_id) return null;
    return hostOf(this.serverOf(model)?.base_url ?? model.label);
  }

  /** The chosen model is on a server, and the level keeps everything here. */
  get blocked() {
    return this.destination !== null && (this.settings?.level ?? "device") === "device";
  }

  /** The chip's page, when it can be read. */
  get readablePage() {
    const { page } = this.state;
    const open = page && (page.state === "readable" || page.state === "changed");
    return open ? (page.page ?? null) : null;
  }

  /** Another conversation that waits for the user's decision. */
  get elsewhere() {
    const { waiting_elsewhere, conversation_id } = this.state;
    return [...waiting_elsewhere.values()].find((id) => id !== conversation_id) ?? null;
  }

  /** The part of this very document that the user chose to be read, if not its main text. */
  get reading() {
    const { reading } = this.state;
    const document_id = this.readablePage?.document_id;
    return reading && document_id && reading.document_id === document_id ? reading : null;
  }

  /** Will the next message carry the page? The choice does not follow the user to another site. */
  get attached() {
    const page = this.readablePage;
    const { choice } = this.state;
    return Boolean(page && choice.on && choice.origin === page.origin);
  }
}

export const store = new Store();
