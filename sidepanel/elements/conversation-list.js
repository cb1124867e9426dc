/** The drawer: open, start and delete conversations. */

import { toErrorData } from "../../shared/errors.js";
import { deleteConversation, openConversation, refreshConversations } from "../actions.js";
import { h } from "../dom.js";
import { when } from "../format.js";
import { icon } from "../icons.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { closeButton } from "./close-button.js";
import { Notice } from "./notice.js";
import { TransferBar } from "./transfer-bar.js";

/** @typedef {import("../../shared/contract.js").ConversationSummary} ConversationSummary */

export class ConversationList extends HTMLElement {
  /** @type {string | null} the one whose deletion is being confirmed */
  deleting = null;
  problem = new Notice();
  list = h("ul", {});
  transfer = new TransferBar();
  dialog = h(
    "dialog",
    { class: "drawer", "aria-label": S.conversations },
    h(
      "header",
      {},
      h("h2", {}, S.conversations),
      closeButton(() => this.close()),
    ),
    h(
      "button",
      { type: "button", class: "new", onclick: () => this.#go(null) },
      icon("plus"),
      S.new_chat,
    ),
    this.problem,
    this.list,
    this.transfer,
  );

  connectedCallback() {
    this.append(this.dialog);
    // A press outside the drawer lands on the dialog's own box, its backdrop.
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.close();
    });
    store.watch(["conversations", "conversation_id", "waiting_elsewhere"], () => this.#draw());
  }

  open() {
    this.deleting = null;
    this.problem.hide();
    this.transfer.problem.hide();
    this.#draw();
    this.dialog.showModal();
    refreshConversations().catch((error) => this.#failed(error));
  }

  close() {
    this.dialog.close();
  }

  /** @param {string | null} id */
  #go(id) {
    this.close();
    openConversation(id).catch(() => {}); // the state line tells of a lost connection
    const box = document.querySelector("chat-composer textarea");
    if (box instanceof HTMLElement) box.focus();
  }

  /** @param {unknown} error */
  #failed(error) {
    const { message, hint } = toErrorData(error);
    this.problem.show("warn", `${message} ${hint}`);
  }

  /** Draws anew; the focus stays at its row, or goes to the next one. */
  #draw() {
    const at = this.list.contains(document.activeElement) ? document.activeElement : null;
    const rows = [...this.list.children];
    const i = rows.findIndex((row) => row.contains(at));
    this.#drawRows();
    if (at && i >= 0)
      this.#focusAgain(at.classList, [...rows.slice(i), ...rows.slice(0, i).reverse()]);
  }

  /** @param {DOMTokenList} classes of what had the focus @param {Element[]} rows in order of preference */
  #focusAgain(classes, rows) {
    const ids = rows.map((row) => row.getAttribute("data-id"));
    const there = [...this.list.children];
    const found = ids.map((id) => there.find((row) => id && row.getAttribute("data-id") === id));
    const row = found.find(Boolean);
    const name =
      ["row", "keep", "danger", "export"].find((one) => classes.contains(one)) ?? "trash";
    const target =
      row?.querySelector(`.${name}`) ??
      row?.querySelector(".trash, .keep") ??
      this.dialog.querySelector(".new");
    if (target instanceof HTMLElement) target.focus();
  }

  #drawRows() {
    const { conversations } = store.state;
    if (!conversations?.length) {
      this.list.replaceChildren(
        h("li", { class: "none" }, conversations ? S.no_conversations : S.loading),
      );
      return;
    }
    const sorted = [...conversations].sort((a, b) => b.updated_at_ms - a.updated_at_ms);
    this.list.replaceChildren(
      ...sorted.map((one) =>
        one.conversation_id === this.deleting ? this.#confirmRow(one) : this.#row(one),
      ),
    );
  }

  /** @param {ConversationSummary} one */
  #row(one) {
    const id = one.conversation_id;
    const title = one.title || S.untitled_chat;
    const waits = [...store.state.waiting_elsewhere.values()].includes(id);
    return h(
      "li",
      { "data-id": id, "aria-current": id === store.state.conversation_id ? "true" : null },
      h(
        "button",
        { type: "button", class: "row", onclick: () => this.#go(id) },
        h("span", { class: "title" }, title),
        h(
          "span",
          { class: "facts" },
          `${when(one.updated_at_ms)} · ${S.messages_count(one.message_count)}`,
        ),
        one.imported && h("span", { class: "facts mark-imported" }, S.import_mark),
        waits && h("span", { class: "waits" }, icon("hand"), S.waits_for_you),
      ),
      h(
        "button",
        {
          type: "button",
          class: "quiet export",
          "aria-label": S.export_one(title),
          title: S.export_word,
          onclick: () => this.transfer.save(id, title),
        },
        icon("download"),
      ),
      h(
        "button",
        {
          type: "button",
          class: "quiet trash",
          "aria-label": S.delete_named(title),
          title: S.delete,
          onclick: () => this.#ask(id),
        },
        icon("trash"),
      ),
    );
  }

  /** @param {string | null} id */
  #ask(id) {
    this.deleting = id;
    this.#draw();
    const keep = this.list.querySelector(".keep");
    if (keep instanceof HTMLElement) keep.focus();
  }

  /** @param {ConversationSummary} one */
  #confirmRow(one) {
    const remove = () => {
      this.deleting = null;
      deleteConversation(one.conversation_id).catch((error) => {
        this.#failed(error);
        this.#draw();
      });
    };
    return h(
      "li",
      {
        "data-id": one.conversation_id,
        class: "confirm",
        role: "alertdialog",
        "aria-label": S.delete_sure,
      },
      h("p", {}, S.delete_sure, " ", h("strong", {}, one.title || S.untitled_chat)),
      h(
        "div",
        { class: "buttons" },
        h("button", { type: "button", class: "keep", onclick: () => this.#ask(null) }, S.keep),
        h("button", { type: "button", class: "danger", onclick: remove }, icon("trash"), S.delete),
      ),
    );
  }
}
customElements.define("conversation-list", ConversationList);
