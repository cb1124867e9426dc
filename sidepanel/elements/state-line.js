/** One line of truth: which model, what it is doing, and where the words go. */
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
  badge = h("button", {
    type: "button",
    class: "badge",
    "aria-haspopup": "dialog",
    onclick: () => document.dispatchEvent(new Event("open-privacy")),
  });
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
    this.append(this.problem, this.load, this.next, this.model, this.badge);
    this.append(new ModelPicker());
    store.watch(["app", "link", "link_error", "open_error", "model_id"], () => this.#draw());
    store.watch(["waiting_elsewhere", "conversation_id", "settings"], () => this.#draw());
    store.watch(["settings", "app", "model_id"], () => this.#drawBadge());
  }

  #drawBadge() {
    const level = store.settings?.level ?? "device";
    const host = store.blocked ? null : store.destination;
    const here = level === "device" ? S.nothing_leaves : S.answers_here;
    const words = host ? S.sends_to(host) : S.on_device;
    const title = S.chip_title(host ? words : `${words}. ${here}`, level);
    if (this.badge.title === title && this.badge.textContent === words) return;
    this.badge.title = title;
    this.badge.setAttribute("aria-label", title);
    this.badge.dataset.sends = String(host !== null);
    this.badge.replaceChildren(icon(host ? "out" : "lock"), h("span", {}, words));
  }

  #draw() {
    const { app, link } = store.state;
    const engine = app?.engine;
    const { model, engineModel } = store;
    const label = engineModel?.label ?? (app ? S.no_model : "");
    setText(this.label, label);
    const next = model && engineModel !== model ? S.next_model(model.label) : "";
    setText(this.next, next);
    this.next.hidden = !next;
    const connected = link === "open" || app !== null;
    const host = store.destination;
    const here = engine && link !== "lost" ? engine.state : "idle";
    // The engine's state is not that of a server.
    const state = host ? "remote" : here;
    const words =
      link === "lost"
        ? S.reconnecting
        : !connected || !engine
          ? S.connecting
          : host
            ? S.at_host(host)
            : engine.state === "loading"
              ? S.engine.loading
              : S.engine[engine.state];
    setText(this.doing, host && connected && link !== "lost" ? "" : words); // the chip names the host
    this.model.setAttribute("aria-label", S.model_and_state(label || S.no_model, words));
    this.dataset.state = link === "lost" ? "lost" : state;
    this.load.hidden = state !== "loading";
    if (engine && state === "loading") setText(this.load_words, loadText(engine));
    this.fill.style.transform = `scaleX(${engine?.progress ?? 0})`;
    this.#drawProblem();
  }

  #drawProblem() {
    const { app, link, link_error, open_error } = store.state;
    const model_id = store.model?.model_id;
    const local = store.destination === null;
    const failed = local && app?.engine.state === "failed" ? app.engine.error : null;
    const python = app?.python.state === "failed" ? app.python.error : null;
    const { elsewhere } = store;
    if (link === "lost" && link_error && link_error !== open_error) {
      this.problem.showError(link_error, () => client.reconnect(), S.try_again);
    } else if ((failed || python) && model_id) {
      const error = /** @type {import("../../shared/contract.js").ErrorData} */ (failed ?? python);
      this.problem.showError(error, () => loadModel(model_id).catch(() => {}), S.try_again);
    } else if (store.blocked && store.model) {
      this.problem.show("warn", S.model_blocked(store.model.label));
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
