/** The models there are, what each honestly is, and the state of engine and Python behind them. */
import { loadModel } from "../actions.js";
import { h } from "../dom.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { loadText } from "./load-text.js";

export class ModelPicker extends HTMLElement {
  connectedCallback() {
    this.id = "model-picker";
    this.setAttribute("popover", "auto");
    this.setAttribute("role", "dialog");
    this.setAttribute("aria-label", S.models);
    this.unsubscribe = store.watch(["app", "model_id"], () => this.#draw());
  }

  disconnectedCallback() {
    this.unsubscribe?.();
  }

  #draw() {
    const { app } = store.state;
    const had_focus = this.contains(document.activeElement);
    const chosen = store.model?.model_id;
    const choices = (app?.models ?? []).map((model) => {
      const input = h("input", {
        type: "radio",
        name: "model",
        value: model.model_id,
        onchange: () => loadModel(model.model_id).catch(() => {}),
      });
      input.checked = model.model_id === chosen;
      return h(
        "label",
        { class: "model-choice" },
        input,
        h(
          "span",
          {},
          h("strong", {}, model.label),
          h("span", { class: "about" }, model.description),
          h("span", { class: "facts" }, S.model_facts(model)),
        ),
      );
    });
    this.replaceChildren(
      h("h2", {}, S.models),
      h("div", { role: "radiogroup", "aria-label": S.models }, ...choices),
      h("dl", {}, ...this.#facts()),
    );
    if (had_focus) this.querySelector("input")?.focus();
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
