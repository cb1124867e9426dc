/** Without a message: what this is, what it will read and three things to do; or why nothing could be opened. */
import { ask, client } from "../actions.js";
import { h } from "../dom.js";
import { withoutName } from "../format.js";
import { icon } from "../icons.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { composer } from "./composer.js";
import { Notice } from "./notice.js";

export class EmptyState extends HTMLElement {
  problem = new Notice();

  connectedCallback() {
    store.watch(["messages"], () => {
      this.hidden = store.state.messages.length > 0;
    });
    store.watch(["page", "app", "model_id", "open_error", "settings"], () => this.#draw());
  }

  #draw() {
    const { open_error } = store.state;
    if (open_error) {
      const message = `${S.not_opened} ${open_error.message}`;
      this.problem.showError({ ...open_error, message }, () => this.#again(), S.try_again);
      if (!this.problem.isConnected) this.replaceChildren(this.problem);
      return;
    }
    const model = store.model;
    const page = store.readablePage;
    const host = page ? store.state.page?.host : "";
    const host_away = store.blocked ? null : store.destination;
    const about_page = host ? host : S.needs_page;
    const focused = [...this.querySelectorAll("button")].indexOf(
      /** @type {HTMLButtonElement} */ (document.activeElement),
    );
    this.replaceChildren(
      h("div", { class: "pane", "aria-hidden": "true" }),
      h("h1", {}, S.welcome),
      h("p", {}, host_away ? S.welcome_text_server(host_away) : S.welcome_text),
      h(
        "ul",
        { "aria-label": S.suggestions },
        suggestion("page", S.summarize_page, about_page, !page, () => {
          const problem = ask({ text: S.summarize_page_ask, with_page: true });
          if (problem) composer()?.write("", problem);
        }),
        suggestion("chat", S.ask_page, about_page, !page, () => {
          composer()?.write(`/page ${S.ask_page_draft}`);
        }),
        suggestion("list", S.add_todo, S.add_todo_hint, false, () => {
          composer()?.write(S.add_todo_draft);
        }),
      ),
      model
        ? h(
            "p",
            { class: "model-honest" },
            h("strong", {}, S.answers_now(model.label)),
            " ",
            withoutName(model),
          )
        : "",
    );
    if (focused >= 0) this.querySelectorAll("button")[focused]?.focus();
  }

  async #again() {
    this.problem.show("quiet", S.loading);
    composer()?.box?.focus(); // the button is gone
    await client.attach().catch(() => {}); // failed again: it is told again
    this.#draw();
  }
}
customElements.define("empty-state", EmptyState);

/** @param {string} name @param {string} label @param {string} hint @param {boolean} disabled @param {() => void} act */
function suggestion(name, label, hint, disabled, act) {
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: "suggestion", disabled, onclick: act },
      icon(name),
      h("span", {}, label, h("span", { class: "hint" }, hint)),
    ),
  );
}
