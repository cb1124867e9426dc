/** The models there are, what each honestly is, and the state of engine and Python behind them. */
import { loadModel } from "../actions.js";
import { h } from "../dom.js";
import { withoutName } from "../format.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { loadText } from "./load-text.js";

/** Models for tests, which releases do not have, come last. @param {import("../../shared/contract.js").ModelInfo} model */
const isForTests = ({ label, description }) => /\btests? (only|model)\b/i.test(label + description);

export class ModelPicker extends HTMLElement {
  drawn = "";
  choices = h("div", { role: "radiogroup", "aria-label": S.models });
  facts = h("dl", {});

  connectedCallback() {
    this.id = "model-picker";
    this.setAttribute("popover", "auto");
    this.setAttribute("role", "dialog");
    this.setAttribute("aria-label", S.models);
    this.append(h("h2", {}, S.models), this.choices, this.facts);
    store.watch(["app", "model_id"], () => this.#draw());
  }

  #draw() {
    this.facts.replaceChildren(...this.#facts());
    const chosen = store.model?.model_id;
    // Progress comes many times a second; the choices stay, so that focus and pointer do.
    const models = [...(store.state.app?.models ?? [])];
    models.sort((a, b) => Number(isForTests(a)) - Number(isForTests(b)));
    const drawn = JSON.stringify([models, chosen]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const had_focus = this.choices.contains(document.activeElement);
    this.choices.replaceChildren(
      ...models.map((model) => choice(model, model.model_id === chosen)),
    );
    const checked = this.choices.querySelector("input:checked");
    if (had_focus && checked instanceof HTMLElement) checked.focus();
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

/** @param {import("../../shared/contract.js").ModelInfo} model @param {boolean} chosen */
function choice(model, chosen) {
  const input = h("input", {
    type: "radio",
    name: "model",
    value: model.model_id,
    onchange: () => loadModel(model.model_id).catch(() => {}), // its failure comes as a state
  });
  input.checked = chosen;
  return h(
    "label",
    { class: "model-choice" },
    input,
    h(
      "span",
      {},
      h("strong", {}, model.label),
      h("span", { class: "about" }, withoutName(model)),
      h("span", { class: "facts" }, S.model_facts(model)),
    ),
  );
}
