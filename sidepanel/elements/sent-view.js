/** The ledger: every request that left the device or wanted to, and clearing the list. */
import { toErrorData } from "../../shared/errors.js";
import { clearLedger, readLedger } from "../activity.js";
import { announce } from "../announcer.js";
import { h } from "../dom.js";
import { timeOf } from "../format.js";
import { icon } from "../icons.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { reveal } from "../visible.js";
import { DayList } from "./day-list.js";
import { Notice } from "./notice.js";

/** @typedef {import("../../shared/contract.js").LedgerEntry} LedgerEntry */

export class SentView extends HTMLElement {
  problem = new Notice();
  none = h("p", { class: "none" });
  /** @type {DayList<LedgerEntry>} */
  days = new DayList(row);
  clear = h(
    "button",
    { type: "button", class: "small", onclick: () => this.#ask(true) },
    icon("trash"),
    S.clear,
  );
  keep = h("button", { type: "button", class: "keep", onclick: () => this.#ask(false) }, S.keep);
  confirm = h(
    "div",
    { class: "confirm", role: "alertdialog", "aria-label": S.clear_sure, hidden: true },
    h("p", {}, S.clear_sure),
    h(
      "div",
      { class: "buttons" },
      this.keep,
      h("button", { type: "button", class: "danger", onclick: () => this.#clear() }, S.clear_now),
    ),
  );

  connectedCallback() {
    this.className = "part";
    if (!this.firstChild) {
      const top = h("div", { class: "above" }, h("p", { class: "hint" }, S.sent_text), this.clear);
      this.append(top, this.confirm, this.problem, this.none, this.days.element);
    }
    this.unsubscribe = store.watch(["ledger", "ledger_error"], () => this.#draw());
  }

  disconnectedCallback() {
    this.unsubscribe?.();
  }

  #draw() {
    const { ledger, ledger_error } = store.state;
    if (ledger_error) this.problem.showError(ledger_error, () => readLedger(), S.try_again);
    else this.problem.hide();
    this.none.hidden = ledger_error !== null || Boolean(ledger?.length);
    this.none.textContent = ledger ? S.sent_empty : S.loading;
    this.clear.hidden = !ledger?.length || !this.confirm.hidden;
    this.days.show(ledger ?? []);
  }

  /** @param {boolean} on */
  #ask(on) {
    this.confirm.hidden = !on;
    this.#draw();
    (on ? this.keep : this.clear).focus();
  }

  async #clear() {
    try {
      await clearLedger();
      announce(S.sent_empty, true);
    } catch (error) {
      store.set({ ledger_error: toErrorData(error) });
    }
    this.#ask(false);
    document.getElementById("tab-sent")?.focus();
  }
}
customElements.define("sent-view", SentView);

/** @param {LedgerEntry} entry */
function row(entry) {
  const { at_ms, host, purpose, asked_by, bytes_out, bytes_in, status, detail } = entry;
  return h(
    "li",
    { "data-status": status },
    h(
      "p",
      { class: "entry-head" },
      h("strong", {}, reveal(host)),
      h("time", { datetime: isoTime(at_ms) }, timeOf(at_ms)),
    ),
    h("p", {}, reveal(purpose)),
    h(
      "p",
      { class: "facts" },
      [S.sent_bytes(bytes_out, bytes_in), S.sent_by(reveal(asked_by))].join(" · "),
    ),
    h(
      "p",
      { class: "facts outcome" },
      [S.sent_status[status], detail && reveal(detail)].filter(Boolean).join(": "),
    ),
  );
}

/** A time out of range has no ISO form. @param {number} at_ms */
function isoTime(at_ms) {
  const date = new Date(at_ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
