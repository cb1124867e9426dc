/** The question before an effect: what exactly, where, with which data. Only a real click or key allows. */

import { toErrorData } from "../../shared/errors.js";
import { decide } from "../actions.js";
import { announce } from "../announcer.js";
import { h, setText } from "../dom.js";
import { icon } from "../icons.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { reveal } from "../visible.js";
import { Notice } from "./notice.js";

/** A card that appears under a moving pointer must not be answered by a click meant for something else. */
const ARM_MS = 500;

export class ApprovalCard extends HTMLElement {
  /** @type {import("../../shared/contract.js").Approval | null} */
  approval = null;
  allow = h(
    "button",
    { type: "button", class: "allow", disabled: true },
    icon("check"),
    S.allow_once,
  );
  deny = h("button", { type: "button", class: "deny" }, S.deny);
  here = h("button", { type: "button", class: "here", disabled: true, hidden: true }, S.allow_here);
  left = h("p", { class: "left", "aria-hidden": "true" });
  problem = new Notice();

  /** @param {import("../../shared/contract.js").Approval} approval */
  show(approval) {
    this.approval = approval;
    const { effect, tool_name, page } = approval;
    const id = `card-${approval.approval_id}`;
    this.className = "card";
    this.setAttribute("role", "alertdialog");
    this.setAttribute("aria-modal", "false");
    this.setAttribute("aria-labelledby", `${id}-title`);
    this.setAttribute("aria-describedby", `${id}-detail`);
    const origin = effect.target_origin ?? page?.origin ?? null;
    const host = origin && URL.canParse(origin) ? new URL(origin).host : origin;
    const given = reveal(JSON.stringify(approval.arguments, null, 2));
    const title = reveal(effect.title);
    const carries = effect.carries ?? [];
    this.here.hidden = !effect.grantable;
    this.here.title = host ? reveal(host) : "";
    // What is not known to stay here is not said to.
    const stays = !effect.reads && !effect.sends;
    const none = Object.keys(approval.arguments).length === 0;
    const does = [
      effect.reads && S.approval_reads,
      effect.writes && S.approval_writes,
      effect.sends && S.approval_sends,
      effect.runs_code && S.approval_runs,
    ].filter(Boolean);
    this.replaceChildren(
      h("p", { class: "eyebrow" }, icon("hand"), S.approval_title),
      h("h3", { id: `${id}-title` }, title),
      h(
        "div",
        { class: "about", tabindex: "0", role: "group", "aria-label": S.approval_about },
        h("p", { id: `${id}-detail`, class: "detail" }, reveal(effect.detail)),
        carries.length ? h("p", { class: "carries" }, S.approval_carries(carries.map(reveal))) : "",
        h(
          "dl",
          {},
          ...fact(S.approval_tool, h("code", {}, reveal(tool_name))),
          ...(host || stays ? fact(S.approval_site, host ? reveal(host) : S.approval_no_site) : []),
          ...(does.length ? fact(S.approval_does, does.join(", ")) : []),
          ...fact(
            S.approval_data,
            none ? S.no_arguments : S.approval_chars(valueChars(approval.arguments)),
          ),
        ),
        none ? "" : h("pre", { "aria-label": S.tool_arguments }, given),
      ),
      this.problem,
      h("div", { class: "buttons" }, this.deny, this.allow, this.here),
      this.left,
    );
    this.deny.addEventListener("click", () => this.#decide("deny"));
    this.allow.addEventListener("click", (event) => event.isTrusted && this.#decide("allow"));
    this.here.addEventListener(
      "click",
      (event) => event.isTrusted && this.#decide("allow", "chat_site"),
    );
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation();
      this.#decide("deny");
    });
    setTimeout(() => {
      if (!this.deny.disabled) this.#enable(true);
    }, ARM_MS);
    this.#tick();
    this.timer = setInterval(() => this.#tick(), 1000);
    // Someone in the middle of a sentence keeps the caret: the next Enter must not answer the card.
    const typing =
      document.activeElement instanceof HTMLTextAreaElement && document.activeElement.value;
    if (!typing) this.deny.focus({ preventScroll: true });
    announce(S.approval_said(title, !typing), true);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }

  /** Decided: take the card away and leave the focus somewhere useful. */
  leave() {
    // A button that is disabled while it has the focus gives it to the page.
    const focused =
      this.contains(document.activeElement) || document.activeElement === document.body;
    this.remove();
    const box = document.querySelector("chat-composer textarea");
    if (focused && box instanceof HTMLElement) box.focus();
  }

  #tick() {
    if (!this.approval) return;
    const { asked_at_ms, timeout_s } = this.approval;
    const left_s = asked_at_ms / 1000 + timeout_s - Date.now() / 1000;
    setText(this.left, left_s > 0 ? S.approval_left(left_s) : S.approval_over);
    if (left_s <= 0) this.#lock();
  }

  /** @param {boolean} on may the card be answered */
  #enable(on) {
    this.deny.disabled = this.allow.disabled = this.here.disabled = !on;
  }

  #lock() {
    this.#enable(false);
    clearInterval(this.timer);
  }

  /** @param {"allow" | "deny"} decision @param {"once" | "chat_site"} [scope] */
  async #decide(decision, scope) {
    if (!this.approval || this.deny.disabled) return;
    this.#enable(false);
    try {
      await decide(this.approval.approval_id, decision, scope);
    } catch (error) {
      const { code, message, hint } = toErrorData(error);
      this.problem.show("warn", `${message} ${hint}`);
      const gone = code === "approval_gone" || store.state.live === null;
      this.#enable(!gone);
    }
  }
}
customElements.define("approval-card", ApprovalCard);

/** How many characters of data a tool gets, without names and signs of JSON. @param {unknown} value @returns {number} */
function valueChars(value) {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return String(value).length;
  return Object.values(value).reduce((sum, part) => sum + valueChars(part), 0);
}

/** @param {string} name @param {Node | string} value */
function fact(name, value) {
  return [h("dt", {}, name), h("dd", {}, value)];
}
