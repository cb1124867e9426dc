/** The messages. Sticks to the end unless the user scrolled up; announces whole sentences only. */
import { retry } from "../actions.js";
import { SentenceReader } from "../announcer.js";
import { h, onceAFrame } from "../dom.js";
import { icon } from "../icons.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { answerText, isRunning } from "../turn-view.js";
import { copyWith } from "./copy-button.js";
import { MessageBubble } from "./message-bubble.js";
import { Notice } from "./notice.js";

/** @typedef {import("../types.js").MessageView} MessageView */

/** Closer than this to the end counts as being there. */
const NEAR_PX = 48;

export class ChatLog extends HTMLElement {
  /** @type {Map<string, MessageBubble>} */
  bubbles = new Map();
  /** @type {{key: string, reader: SentenceReader} | null} */
  spoken = null;
  conversation_id = "";
  stuck = true;
  /** Where the log was scrolled to when last looked at. */
  top_px = 0;
  list = h("div", { class: "log-list" });
  /** Over the messages of a conversation that came from a file. */
  imported = new Notice();
  jump = h(
    "button",
    { type: "button", class: "jump", hidden: true, onclick: () => this.stick() },
    icon("down"),
    S.jump_to_latest,
  );

  connectedCallback() {
    this.setAttribute("role", "log");
    // Changes are told by the announcer, sentence by sentence; the log itself would tell every token.
    this.setAttribute("aria-live", "off");
    this.setAttribute("aria-label", S.conversation_log);
    this.append(this.imported, this.list);
    store.watch(["imported"], () => {
      if (store.state.imported) this.imported.show("warn", S.import_mark);
      else this.imported.hide();
    });
    this.after(this.jump);
    this.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.addEventListener("click", (event) => this.#copyCode(event));
    this.addEventListener("retry", (event) =>
      this.#retry(/** @type {CustomEvent} */ (event).detail),
    );
    // Content grows after the frame that added it (fonts, folds): the end moves, and stuck stays stuck.
    new ResizeObserver(() => this.#follow()).observe(this.list);
    new ResizeObserver(() => this.#follow()).observe(this);
    store.watch(["messages"], () => this.#arrange());
    store.onView((view) => this.#viewChanged(view));
  }

  #arrange() {
    const { messages, conversation_id } = store.state;
    if (conversation_id !== this.conversation_id) {
      this.conversation_id = conversation_id;
      this.stuck = true;
      this.spoken = null;
    }
    const wanted = new Set(messages.map((view) => view.key));
    for (const [key, bubble] of this.bubbles) {
      if (wanted.has(key)) continue;
      bubble.remove();
      this.bubbles.delete(key);
    }
    /** @type {Element | null} */
    let at = this.list.firstElementChild;
    let sent = false;
    for (const view of messages) {
      let bubble = this.bubbles.get(view.key);
      if (!bubble) {
        bubble = new MessageBubble();
        bubble.show(view);
        this.bubbles.set(view.key, bubble);
        sent ||= view.role === "user" && view.turn_id === store.state.live?.turn_id;
      } else if (bubble.view !== view || view.status !== "complete") bubble.update(view);
      if (bubble === at) at = at.nextElementSibling;
      else this.list.insertBefore(bubble, at);
    }
    this.classList.toggle("empty", messages.length === 0);
    if (sent) this.stick();
    this.#follow();
  }

  /** @param {MessageView} view */
  #viewChanged(view) {
    const bubble = this.bubbles.get(view.key);
    if (!bubble) return;
    bubble.update(view);
    if (view.role === "assistant") this.#speak(view);
  }

  /** Only an answer seen running is read out, not a restored one. @param {MessageView} view */
  #speak(view) {
    const done = !isRunning(view);
    if (this.spoken?.key !== view.key) {
      if (done) return;
      this.spoken = { key: view.key, reader: new SentenceReader() };
    }
    this.spoken.reader.read(answerText(view), done);
    if (done) this.spoken = null;
  }

  #scrolled() {
    const below = this.scrollHeight - this.scrollTop - this.clientHeight;
    // Content may have grown since the end was gone to: only a way up is the reader's wish to leave it.
    const up = this.scrollTop < this.top_px - 1;
    this.top_px = this.scrollTop;
    this.stuck = below < NEAR_PX || (this.stuck && !up);
    this.jump.hidden = this.stuck;
    this.#follow();
  }

  #follow() {
    if (this.stuck) onceAFrame(this, () => this.#toEnd());
  }

  #toEnd() {
    if (!this.stuck) return;
    this.scrollTop = this.scrollHeight;
    this.top_px = this.scrollTop;
  }

  /** Go to the end and stay there. */
  stick() {
    this.stuck = true;
    this.jump.hidden = true;
    this.#toEnd();
    this.#follow();
  }

  /** @param {Event} event */
  #copyCode(event) {
    const target = event.target instanceof Element ? event.target : null;
    const button = target?.closest("[data-copy-code]");
    const code = button?.closest("figure")?.querySelector("code");
    if (button instanceof HTMLButtonElement && code) copyWith(button, code.textContent ?? "");
  }

  /** @param {MessageView} view */
  #retry(view) {
    const back = retry(view);
    if (back) this.dispatchEvent(new CustomEvent("compose", { bubbles: true, detail: back }));
  }
}
customElements.define("chat-log", ChatLog);
