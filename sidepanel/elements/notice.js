/** A line that tells something: information, a stopped mark, or an error with a way out. */
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { S } from "../strings.js";
import { copyButton } from "./copy-button.js";

/** @typedef {import("../../shared/contract.js").ErrorData} ErrorData */

export class Notice extends HTMLElement {
  shown = "";

  connectedCallback() {
    this.classList.add("notice");
    if (!this.shown) this.hidden = true;
  }

  hide() {
    this.shown = "";
    this.hidden = true;
    this.replaceChildren();
  }

  /**
   * @param {"info" | "quiet" | "warn"} tone @param {string} message
   * @param {{label: string, act: () => void}} [action]
   */
  show(tone, message, action) {
    const shown = JSON.stringify([tone, message, action?.label]);
    if (this.shown === shown) return;
    this.shown = shown;
    this.hidden = false;
    this.dataset.tone = tone;
    this.removeAttribute("role");
    this.replaceChildren(
      ...(tone === "quiet" ? [] : [icon(tone === "warn" ? "warn" : "info")]),
      h("p", {}, message),
    );
    if (action) this.append(h("button", { type: "button", onclick: action.act }, action.label));
  }

  /**
   * @param {ErrorData} error @param {(() => void) | null} act @param {string} [label]
   * @param {{label: string, act: () => void}[]} [others] ways out that the user may choose instead
   */
  showError(error, act, label = S.retry, others = []) {
    const shown = JSON.stringify([error, act && label, others.map((other) => other.label)]);
    if (this.shown === shown) return;
    this.shown = shown;
    this.hidden = false;
    this.dataset.tone = "error";
    this.setAttribute("role", "alert");
    const details = () => `${error.code}\n${error.message}\n${error.hint}`;
    this.replaceChildren(
      icon("warn"),
      h(
        "div",
        {},
        h("p", { class: "what" }, error.message),
        h("p", { class: "hint" }, error.hint),
        h(
          "div",
          { class: "buttons" },
          act && h("button", { type: "button", onclick: act }, icon("retry"), label),
          ...others.map((other) =>
            h("button", { type: "button", onclick: other.act }, other.label),
          ),
          copyButton(S.copy_details, details, true),
        ),
        h("p", { class: "code-name" }, error.code),
      ),
    );
  }
}
customElements.define("panel-notice", Notice);
