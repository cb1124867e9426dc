/** What happens when a tool wants to change the user's own data: ask first, or do it and offer undo. */
import { toErrorData } from "../../shared/errors.js";
import { h } from "../dom.js";
import { isFixed, setLocalChanges } from "../privacy.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { Notice } from "./notice.js";

const CHOICES = /** @type {const} */ (["ask", "undo"]);
const LABELS = { ask: S.local_ask, undo: S.local_undo };

export class LocalChanges extends HTMLElement {
  problem = new Notice();
  fixed = h("p", { class: "fixed", hidden: true }, S.fixed);
  inputs = CHOICES.map((value) =>
    h("input", {
      type: "radio",
      name: "local-changes",
      value,
      onchange: () => this.#choose(value),
    }),
  );

  connectedCallback() {
    this.className = "part";
    if (!this.firstChild) {
      this.append(
        h("h3", { id: "local-title" }, S.local_title),
        h("p", { class: "hint" }, S.local_text),
        h(
          "div",
          { role: "radiogroup", "aria-labelledby": "local-title" },
          ...CHOICES.map((value, i) =>
            h("label", { class: "choice" }, this.inputs[i], h("span", {}, LABELS[value])),
          ),
        ),
        this.fixed,
        this.problem,
      );
    }
    this.unsubscribe = store.watch(["settings", "app"], () => this.#draw());
  }

  disconnectedCallback() {
    this.unsubscribe?.();
  }

  #draw() {
    const { settings } = store;
    this.fixed.hidden = !isFixed("local_changes");
    for (const input of this.inputs) {
      input.disabled = !settings || isFixed("local_changes");
      input.checked = settings?.local_changes === input.value;
    }
  }

  /** @param {typeof CHOICES[number]} value */
  async #choose(value) {
    this.problem.hide();
    try {
      await setLocalChanges(value);
    } catch (error) {
      this.problem.showError(toErrorData(error), null);
      this.#draw(); // what is in force
    }
  }
}
customElements.define("local-changes", LocalChanges);
