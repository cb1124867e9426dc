/** A tool call: its approval card while it waits for the user, else a folded row with arguments and result. */
import { h, setText } from "../dom.js";
import { icon } from "../icons.js";
import { S } from "../strings.js";
import { ApprovalCard } from "./approval-card.js";

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
    if (!this.firstChild) this.append(this.decision, this.fold);
  }

  /** @param {ToolItem} item @param {boolean} running is the answer still running */
  sync(item, running) {
    const status = statusOf(item, running);
    this.dataset.status = status;
    setText(this.name, item.call.tool_name);
    setText(this.status, S.tool_status[status]);
    const given = item.approval?.arguments ?? item.call.arguments;
    const none = Object.keys(given).length === 0;
    setText(this.args, none ? S.no_arguments : JSON.stringify(given, null, 2));
    const { decision } = item;
    const denied = decision?.decision === "deny";
    // The result of a denied call says no more than the line above the row.
    const result = denied ? "" : (item.result?.text ?? "");
    setText(this.result, result);
    this.result.hidden = this.result_title.hidden = !result;
    const said = decision ? S.decided[denied ? decision.decided_by : "allow"] : "";
    const title = item.approval?.effect.title;
    setText(this.decision, denied && title ? S.not_done(said, title) : said);
    this.decision.hidden = !decision;
    this.decision.dataset.decision = decision?.decision ?? "";
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
}
customElements.define("tool-row", ToolRow);
