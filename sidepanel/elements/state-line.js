/** One line of truth: which model, what it is doing, and what stays private. */
import { client, loadModel } from "../actions.js";
import { h, setText } from "../dom.js";
import { icon } from "../icons.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { loadText } from "./load-text.js";
import { ModelPicker } from "./model-picker.js";
import { Notice } from "./notice.js";

export class StateLine extends HTMLElement {
  problem = new Notice();
  label = h("span", { class: "model-name" });
  doing = h("span", { class: "doing" });
  model = h(
    "button",
    { type: "button", class: "model", popovertarget: "model-picker" },
    h("span", { class: "lamp", "aria-hidden": "true" }),
    this.label,
    this.doing,
  );
  badge = h(
    "button",
    { type: "button", class: "badge", popovertarget: "private-note", title: S.private_badge },
    icon("lock"),
    S.private_short,
  );
  note = h(
    "div",
    { id: "private-note", popover: "auto", role: "note" },
    h("h2", {}, icon("lock"), S.private_title),
    h("p", {}, S.private_text),
    h("p", {}, S.private_text_more),
  );
  next = h("p", { class: "next", hidden: true });
  load_words = h("span", { class: "load-words" });
  fill = h("span", { class: "fill" });
  load = h(
    "div",
    { class: "load", hidden: true },
    h("div", { class: "bar" }, this.fill),
    this.load_words,
  );

  connectedCallback() {
    this.setAttribute("role", "region");
    this.setAttribute("aria-label", S.state_line);
    this.badge.setAttribute("aria-label", S.private_badge);
    this.append(this.problem, this.load, this.next, this.model, this.badge, this.note);
    this.append(new ModelPicker());
    store.watch(["app", "link", "link_error", "open_error", "model_id"], () => this.#draw());
    store.watch(["waiting_elsewhere", "conversation_id"], () => this.#draw());
  }

  #draw() {
    const { app, link } = store.state;
    const engine = app?.engine;
    const { model, engineModel } = store;
    const label = engineModel?.label ?? S.no_model;
    setText(this.label, label);
    const next = model && engineModel !== model ? S.next_model(model.label) : "";
    setText(this.next, next);
    this.next.hidden = !next;
    const connected = link === "open" || app !== null;
    const state = engine && link !== "lost" ? engine.state : "idle";
    const words =
      link === "lost"
        ? S.reconnecting
        : !connected || !engine
          ? S.connecting
          : engine.state === "loading"
            ? S.engine.loading
            : S.engine[engine.state];
    setText(this.doing, words);
    this.model.setAttribute("aria-label", S.model_and_state(label, words));
    this.dataset.state = link === "lost" ? "lost" : state;
    this.load.hidden = state !== "loading";
    if (engine && state === "loading") setText(this.load_words, loadText(engine));
    this.fill.style.transform = `scaleX(${engine?.progress ?? 0})`;
    this.#drawProblem();
  }

  #drawProblem() {
    const { app, link, link_error, open_error } = store.state;
    const model_id = store.model?.model_id;
    const failed = app?.engine.state === "failed" ? app.engine.error : null;
    const python = app?.python.state === "failed" ? app.python.error : null;
    const { elsewhere } = store;
    if (link === "lost" && link_error && link_error !== open_error) {
      this.problem.showError(link_error, () => client.reconnect(), S.try_again);
    } else if ((failed || python) && model_id) {
      const error = /** @type {import("../../shared/contract.js").ErrorData} */ (failed ?? python);
      this.problem.showError(error, () => loadModel(model_id).catch(() => {}), S.try_again);
    } else if (elsewhere) {
      const act = () =>
        this.dispatchEvent(
          new CustomEvent("open-conversation", { bubbles: true, detail: elsewhere }),
        );
      this.problem.show("warn", S.approval_elsewhere, { label: S.open, act });
    } else this.problem.hide();
  }
}
customElements.define("state-line", StateLine);
