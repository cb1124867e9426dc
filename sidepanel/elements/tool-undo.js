/** Under a tool's row: how it was decided, and taking it back where that can be done. */
import { toErrorData } from "../../shared/errors.js";
import { undo } from "../activity.js";
import { announce } from "../announcer.js";
import { h, keepFocus } from "../dom.js";
import { icon } from "../icons.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { Notice } from "./notice.js";

/** @typedef {import("../../shared/contract.js").Decision} Decision */

/**
 * How a call was decided, in words.
 * @param {Pick<Decision, "decision" | "decided_by">} decided @param {Decision["undo"]} [undo]
 */
export function decidedWords({ decision, decided_by }, undo = "none") {
  const words = (decision === "allow" ? S.decided_allow : S.decided_deny)[decided_by];
  if (undo === "undone") return `${words}; ${S.undone.toLowerCase()}`;
  return undo === "available" && decided_by === "policy" ? `${words}; ${S.can_be_undone}` : words;
}

export class UndoButton extends HTMLElement {
  approval_id = "";
  words = h("span", {}, S.undo);
  button = h(
    "button",
    { type: "button", class: "small", onclick: () => this.#undo() },
    icon("undo"),
    this.words,
  );
  problem = new Notice();

  connectedCallback() {
    if (!this.firstChild) this.append(this.button, this.problem);
  }

  /** @param {Decision | undefined} decision */
  show(decision) {
    this.hidden = decision?.undo !== "available";
    if (!decision || this.hidden) return;
    this.approval_id = decision.approval_id;
    this.button.setAttribute("aria-label", S.undo_named(decision.title));
    this.button.dataset.focus = `undo ${decision.approval_id}`;
  }

  async #undo() {
    if (this.button.ariaDisabled === "true") return;
    this.button.ariaDisabled = "true"; // a disabled one would lose the focus
    this.problem.hide();
    try {
      await undo(this.approval_id);
      announce(S.undone, true);
      if (this.hidden) keepFocus(this.closest("tool-row")?.querySelector("summary"));
    } catch (error) {
      const { message, hint } = toErrorData(error);
      this.problem.show("warn", `${message} ${hint}`);
    } finally {
      this.button.ariaDisabled = null;
    }
  }
}
customElements.define("undo-button", UndoButton);

/** The stored decision of a call. @param {string | undefined} approval_id */
export const decisionOf = (approval_id) =>
  store.state.decisions?.find((one) => one.approval_id === approval_id);
