/** A tool call: its approval card while it waits for the user, else a folded row with arguments and result. */
import { h, setText } from "../dom.js";
import { icon } from "../icons.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { reveal } from "../visible.js";
import { ApprovalCard } from "./approval-card.js";
import { decidedWords, decisionOf, UndoButton } from "./tool-undo.js";

/** @typedef {import("../../shared/contract.js").ToolItem} ToolItem */

/** @param {ToolItem} item @param {boolean} running @returns {keyof typeof S.tool_status} */
function statusOf(item, running) {
  if (item.result) return item.result.status;
  if (running && item.approval && !item.decision) return "waiting";
  if (item.decision?.decision === "deny") {
    return item.decision.decided_by === "timeout" ? "timed_out" : "denied";
  }
  return running ? "running" : "unknown";
}

export class ToolRow extends HTMLElement {
  /** @type {ApprovalCard | null} */
  card = null;
  /** @type {ToolItem | null} */
  item = null;
  undo = new UndoButton();
  status = h("span", { class: "tool-status" });
  name = h("code", { class: "tool-name" });
  decision = h("p", { class: "decision" });
  args = h("pre", { tabindex: "0" });
  result = h("pre", { tabindex: "0" });
  result_title = h("h4", {}, S.tool_result);
  fold = h(
    "details",
    { class: "fold" },
    h("summary", {}, icon("chevron"), icon("tool"), this.name, this.status),
    h("h4", {}, S.tool_arguments),
    this.args,
    this.result_title,
    this.result,
  );

  connectedCallback() {
    this.className = "tool";
    if (!this.firstChild) this.append(this.decision, this.undo, this.fold);
    this.unsubscribe = store.watch(["decisions"], () => this.#decided());
  }

  disconnectedCallback() {
    this.unsubscribe?.();
  }

  /** @param {ToolItem} item @param {boolean} running is the answer still running */
  sync(item, running) {
    this.item = item;
    const status = statusOf(item, running);
    this.dataset.status = status;
    setText(this.name, reveal(item.call.tool_name));
    setText(this.status, S.tool_status[status]);
    const given = item.approval?.arguments ?? item.call.arguments;
    const none = Object.keys(given).length === 0;
    setText(this.args, none ? S.no_arguments : reveal(JSON.stringify(given, null, 2)));
    const { decision } = item;
    const denied = decision?.decision === "deny";
    // The result of a denied call says no more than the line above the row.
    const result = denied ? "" : (item.result?.text ?? "");
    setText(this.result, result);
    this.result.hidden = this.result_title.hidden = !result;
    this.#decided();
    const waiting = status === "waiting" && item.approval;
    this.fold.hidden = Boolean(waiting);
    if (waiting && !this.card) {
      this.card = new ApprovalCard();
      this.append(this.card);
      this.card.show(/** @type {NonNullable<ToolItem["approval"]>} */ (item.approval));
    } else if (!waiting && this.card) {
      this.card.leave();
      this.card = null;
    }
  }

  #decided() {
    const { decision, approval } = this.item ?? {};
    const stored = decisionOf(decision?.approval_id);
    const said = decision ? decidedWords(decision, stored?.undo) : "";
    const denied = decision?.decision === "deny";
    setText(
      this.decision,
      denied && approval ? S.not_done(said, reveal(approval.effect.title)) : said,
    );
    this.decision.hidden = !decision;
    this.decision.dataset.decision = decision?.decision ?? "";
    this.undo.show(denied ? undefined : stored);
  }
}
customElements.define("tool-row", ToolRow);
