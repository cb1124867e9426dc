/** Where the user writes. Enter sends, Shift+Enter breaks the line, Escape stops, Up recalls. */
import { ask, openConversation, stop } from "../actions.js";
import { parse } from "../commands.js";
import { $ } from "../dom.js";
import { icon } from "../icons.js";
import { readDraft, rememberConversation, writeDraft } from "../memory.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { Notice } from "./notice.js";
import { SlashMenu } from "./slash-menu.js";

export class Composer extends HTMLElement {
  conversation_id = "";
  /** The conversation that the window was told of for the draft in it. */
  remembered = "";
  recalled = -1;
  /** The answer whose question was given back last. */
  given_back = "";
  notice = new Notice();
  menu = new SlashMenu((text) => this.#picked(text));

  connectedCallback() {
    // The box is in index.html, so that it is there at the first paint; typed text is never overwritten.
    this.box = /** @type {HTMLTextAreaElement} */ ($(this, "textarea"));
    this.button = /** @type {HTMLButtonElement} */ ($(this, "button"));
    this.box.setAttribute("aria-label", S.message);
    this.box.placeholder = S.placeholder;
    this.menu.bind(this.box);
    this.prepend(this.notice, this.menu);
    this.box.addEventListener("input", () => this.#typed());
    this.box.addEventListener("keydown", (event) => this.#key(event));
    this.button.addEventListener("click", () => this.#press());
    document.addEventListener("keydown", (event) => this.#pageKey(event));
    store.watch(["conversation_id"], () => this.#conversation());
    store.watch(["live", "messages"], () => this.#drawButton());
    store.onView((view) => this.#tooLong(view));
  }

  #conversation() {
    const { conversation_id } = store.state;
    if (!this.box || conversation_id === this.conversation_id) return;
    const first = this.conversation_id === "";
    const typed = this.box.value;
    this.conversation_id = conversation_id;
    // At start the conversation is found a moment after the box is usable: what was typed moves along.
    this.box.value = (first && typed) || readDraft(conversation_id);
    this.#typed();
  }

  #typed() {
    if (!this.box) return;
    const { value } = this.box;
    this.recalled = -1;
    this.menu.update(value);
    const stored = writeDraft(this.conversation_id, value);
    // A draft is found again only through its conversation, even one that has no message yet.
    if (value && this.remembered !== this.conversation_id) {
      this.remembered = this.conversation_id;
      rememberConversation(store.state.window_id, this.conversation_id);
    }
    if (value.length > S.max_chars) this.notice.show("warn", S.too_long(value.length));
    else if (!stored) this.notice.show("warn", S.draft_not_stored);
    else this.notice.hide();
    this.#drawButton();
  }

  #drawButton() {
    if (!this.button || !this.box) return;
    const { live } = store.state;
    const state = live ? (live.stopping ? "stopping" : "stop") : "send";
    this.button.disabled = state === "stopping" || (state === "send" && !this.box.value.trim());
    if (this.button.dataset.state === state) return;
    this.button.dataset.state = state;
    const label = { send: S.send, stop: S.stop, stopping: S.stopping }[state];
    this.button.setAttribute("aria-label", label);
    this.button.title = label;
    this.button.replaceChildren(icon(state === "send" ? "send" : "stop"));
  }

  #press() {
    if (store.state.live) stop();
    else this.#send();
    this.box?.focus();
  }

  #send() {
    if (!this.box) return;
    const text = this.box.value;
    const parsed = parse(text, store.attached);
    if (!parsed) return;
    if ("problem" in parsed) return this.notice.show("warn", parsed.problem);
    if ("new_chat" in parsed) {
      this.write("");
      openConversation(null).catch(() => {});
      return;
    }
    const problem = ask(parsed.ask);
    if (problem) this.notice.show("warn", problem);
    else this.write("");
  }

  /** A question that did not fit comes back once to be shortened, never over a draft.
   * @param {import("../types.js").MessageView} view */
  #tooLong(view) {
    if (view.error?.code !== "context_too_long" || this.given_back === view.key) return;
    this.given_back = view.key;
    const { messages } = store.state;
    const text = messages[messages.indexOf(view) - 1]?.text;
    if (!this.box || this.box.value || !text) return;
    this.box.value = text;
    this.#typed();
  }

  /** Put text into the box, the caret at its end. @param {string} text @param {string} [message] */
  write(text, message) {
    if (!this.box) return;
    this.box.value = text;
    this.#typed();
    if (message) this.notice.show("warn", message);
    this.box.focus();
    this.box.setSelectionRange(text.length, text.length);
  }

  /** @param {string} text from the command menu */
  #picked(text) {
    this.write(text);
    if (!text.endsWith(" ")) this.#send();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing || this.menu.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#send();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") this.#recall(event);
  }

  /** Up in an empty box brings back what was asked before; Down goes towards now. @param {KeyboardEvent} event */
  #recall(event) {
    if (!this.box || (this.box.value && this.recalled < 0)) return;
    const asked = store.state.messages
      .filter((view) => view.role === "user")
      .map((view) => view.text);
    const at = this.recalled + (event.key === "ArrowUp" ? 1 : -1);
    const text = at < 0 ? "" : asked[asked.length - 1 - at];
    if (text === undefined || (at < 0 && this.recalled < 0)) return;
    event.preventDefault();
    this.write(text);
    this.recalled = Math.max(-1, at);
  }

  /** Keys pressed anywhere in the panel. @param {KeyboardEvent} event */
  #pageKey(event) {
    if (event.defaultPrevented || event.isComposing) return;
    if (document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (event.key === "Escape" && store.state.live) {
      event.preventDefault();
      stop();
      this.box?.focus();
      return;
    }
    const free = document.activeElement === document.body || document.activeElement === null;
    if (free && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      this.box?.focus();
    }
  }
}
customElements.define("chat-composer", Composer);

/** For suggestions and retries. @returns {Composer | null} */
export function composer() {
  const found = document.querySelector("chat-composer");
  return found instanceof Composer ? found : null;
}
