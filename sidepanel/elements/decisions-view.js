/** What was decided about tools: what, where, how, by whom, what came of it, and taking it back. */
import { readDecisions } from "../activity.js";
import { h } from "../dom.js";
import { timeOf } from "../format.js";
import { hostOf } from "../servers.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { reveal } from "../visible.js";
import { DayList } from "./day-list.js";
import { Notice } from "./notice.js";
import { decidedWords, UndoButton } from "./tool-undo.js";

/** @typedef {import("../../shared/contract.js").Decision} Decision */

export class DecisionsView extends HTMLElement {
  /** @type {Map<string, UndoButton>} kept over a redraw, so that what went wrong stays told */
  undos = new Map();
  problem = new Notice();
  none = h("p", { class: "none" });
  /** @type {DayList<Decision>} */
  days = new DayList((decision) => this.#row(decision));

  connectedCallback() {
    this.className = "part";
    if (!this.firstChild) this.append(this.problem, this.none, this.days.element);
    this.unsubscribe = store.watch(["decisions", "decisions_error"], () => this.#draw());
  }

  disconnectedCallback() {
    this.unsubscribe?.();
  }

  #draw() {
    const { decisions, decisions_error } = store.state;
    const error = decisions ? null : decisions_error; // an old list is better than none
    if (error) this.problem.showError(error, () => readDecisions(), S.try_again);
    else this.problem.hide();
    this.none.hidden = error !== null || Boolean(decisions?.length);
    this.none.textContent = decisions ? S.decisions_empty : S.loading;
    this.days.show(decisions ?? [], document.getElementById("tab-decisions") ?? undefined);
  }

  /** @param {Decision} decision */
  #row(decision) {
    const { approval_id, title, detail, tool_name, target_origin, outcome, at_ms } = decision;
    let undo = this.undos.get(approval_id);
    if (!undo) {
      undo = new UndoButton();
      this.undos.set(approval_id, undo);
    }
    undo.show(decision);
    const where = [tool_name, target_origin && hostOf(target_origin)];
    return h(
      "li",
      { "data-outcome": outcome },
      h("p", { class: "entry-head" }, h("strong", {}, reveal(title)), h("time", {}, timeOf(at_ms))),
      detail && h("p", {}, reveal(detail)),
      h("p", { class: "facts" }, where.filter(Boolean).map(String).map(reveal).join(" · ")),
      h(
        "p",
        { class: "decision", "data-decision": decision.decision },
        [decidedWords(decision, decision.undo), decision.undo !== "undone" && S.outcome[outcome]]
          .filter(Boolean)
          .join(" · "),
      ),
      undo,
    );
  }
}
customElements.define("decisions-view", DecisionsView);
