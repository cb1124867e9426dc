/** The models there are, what each honestly is and where it runs, and the state of engine and Python. */
import { loadModel } from "../actions.js";
import { announce } from "../announcer.js";
import { h } from "../dom.js";
import { withoutName } from "../format.js";
import { readTold, writeTold } from "../memory.js";
import { hostOf } from "../servers.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { reveal } from "../visible.js";
import { loadText } from "./load-text.js";
import { Notice } from "./notice.js";

/** @typedef {import("../../shared/contract.js").ModelInfo} ModelInfo */

export class ModelPicker extends HTMLElement {
  drawn = "";
  choices = h("div", { role: "radiogroup", "aria-label": S.models });
  goes = new Notice();
  facts = h("dl", {});

  connectedCallback() {
    this.id = "model-picker";
    this.setAttribute("popover", "auto");
    this.setAttribute("role", "dialog");
    this.setAttribute("aria-label", S.models);
    this.append(h("h2", {}, S.models), this.goes, this.choices, this.facts);
    this.addEventListener("toggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState === "closed") this.goes.hide();
    });
    store.watch(["app", "model_id", "settings"], () => this.#draw());
  }

  #draw() {
    this.facts.replaceChildren(...this.#facts());
    const chosen = store.model?.model_id;
    // Progress comes many times a second; the choices stay, so that focus and pointer do.
    const models = [...(store.state.app?.models ?? [])];
    // Models for tests, which releases do not have, come last.
    models.sort((a, b) => Number(a.for_tests ?? false) - Number(b.for_tests ?? false));
    const drawn = JSON.stringify([models, chosen, store.settings]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const had_focus = this.choices.contains(document.activeElement);
    this.choices.replaceChildren(...this.#groups(models, chosen));
    const checked = this.choices.querySelector("input:checked");
    if (had_focus && checked instanceof HTMLElement) checked.focus();
  }

  /** Those of this device first, then each server's under its name. @param {ModelInfo[]} models @param {string} [chosen] */
  #groups(models, chosen) {
    const choice = (/** @type {ModelInfo} */ model) =>
      this.#choice(model, model.model_id === chosen);
    const here = models.filter((model) => !model.server_id);
    const away = models.filter((model) => model.server_id);
    if (!away.length) return here.map(choice);
    const group = (/** @type {string} */ name, /** @type {ModelInfo[]} */ members) =>
      h(
        "div",
        { role: "group", "aria-label": name, class: "model-group" },
        h("h3", { "aria-hidden": "true" }, name),
        ...members.map(choice),
      );
    const ids = [...new Set(away.map(({ server_id }) => server_id))];
    return [
      group(S.models_here, here),
      ...ids.map((id) => {
        const members = away.filter(({ server_id }) => server_id === id);
        const server = store.serverOf(members[0] ?? null);
        const name = server ? `${server.label} · ${hostOf(server.base_url)}` : (id ?? "");
        return group(reveal(name), members);
      }),
    ];
  }

  /** @param {ModelInfo} model @param {boolean} chosen */
  #choice(model, chosen) {
    const away = Boolean(model.server_id);
    // A server's own models are described by its name, which stands above them.
    const about = model.description === store.serverOf(model)?.label ? "" : withoutName(model);
    const off = away && (store.settings?.level ?? "device") === "device";
    const input = h("input", {
      type: "radio",
      name: "model",
      value: model.model_id,
      disabled: off,
      onchange: () => this.#chosen(model),
    });
    input.checked = chosen;
    return h(
      "label",
      { class: "model-choice" },
      input,
      h(
        "span",
        {},
        h("strong", {}, reveal(model.label)),
        about && h("span", { class: "about" }, reveal(about)),
        h("span", { class: "facts" }, S.model_facts(model)),
        off && h("span", { class: "facts" }, S.model_needs_level),
      ),
    );
  }

  /** @param {ModelInfo} model */
  #chosen(model) {
    loadModel(model.model_id).catch(() => {}); // its failure comes as a state
    const host = store.destination;
    // Told once for each host; from then on the chip says it.
    if (!host || readTold(host)) return this.goes.hide();
    writeTold(host);
    const words = S.model_goes(reveal(model.label), host);
    this.goes.show("warn", words);
    this.scrollTop = 0;
    announce(words, true);
  }

  #facts() {
    const { app } = store.state;
    if (!app) return [];
    const { engine, python } = app;
    const { device } = engine;
    const gpu = ["vendor", "architecture", "description"]
      .map((key) => device?.[key])
      .filter((value) => typeof value === "string" && value)
      .join(" ");
    const python_words =
      python.state === "ready" && python.ready_ms
        ? S.python_ready(python.ready_ms, Boolean(python.snapshot_used))
        : [S.python[python.state], python.stage].filter(Boolean).join(": ");
    return [
      [S.detail_engine, engine.state === "loading" ? loadText(engine) : S.engine[engine.state]],
      [S.detail_device, gpu],
      [S.detail_python, python_words],
    ].flatMap(([name, value]) => (value ? [h("dt", {}, name), h("dd", {}, value)] : []));
  }
}
customElements.define("model-picker", ModelPicker);
