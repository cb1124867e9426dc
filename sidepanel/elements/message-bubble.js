/** One message. It is redrawn from its view at most once per frame; each item keeps its own element. */
import { loadModel } from "../actions.js";
import { h, onceAFrame, setText } from "../dom.js";
import { percentRead } from "../format.js";
import { icon } from "../icons.js";
import { MarkdownStream } from "../markdown-stream.js";
import { hostOf } from "../servers.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { answerText, isRunning, newView } from "../turn-view.js";
import { reveal } from "../visible.js";
import { AnswerFoot } from "./answer-foot.js";
import { longWords } from "./long-words.js";
import { Notice } from "./notice.js";
import { StageLine } from "./stage-line.js";
import { ToolRow } from "./tool-row.js";

/** @typedef {import("../types.js").MessageView} MessageView */
/** @typedef {import("../types.js").Item} Item */
/** @typedef {{kind: string, element: HTMLElement, sync: (item: any, running: boolean) => void}} Part */

/** @param {HTMLElement} holder @returns {(item: import("../../shared/contract.js").TextItem) => void} */
function markdownPart(holder) {
  const stream = new MarkdownStream(holder);
  return (item) => {
    stream.set(item.text, item.done);
    holder.classList.toggle("open", !item.done);
  };
}

/** @param {Item} item @returns {Part} */
function makePart(item) {
  if (item.kind === "tool") {
    const element = new ToolRow();
    return { kind: item.kind, element, sync: (tool, running) => element.sync(tool, running) };
  }
  if (item.kind === "notice") {
    const element = new Notice();
    return { kind: item.kind, element, sync: ({ notice }) => element.show("info", notice.message) };
  }
  if (item.kind === "text") {
    const element = h("div", { class: "md" });
    return { kind: item.kind, element, sync: markdownPart(element) };
  }
  const body = h("div", { class: "md" });
  const label = h("span", {});
  const element = h(
    "details",
    { class: "fold thinking" },
    h("summary", {}, icon("chevron"), label),
    body,
  );
  const sync = markdownPart(body);
  return {
    kind: item.kind,
    element,
    sync: (thinking) => {
      setText(label, thinking.done ? S.thought : S.thinking);
      sync(thinking);
    },
  };
}

export class MessageBubble extends HTMLElement {
  /** @type {MessageView} */
  view = newView({ key: "", role: "assistant" });
  /** @type {Part[]} */
  parts = [];

  /** Call once, before or after connecting. @param {MessageView} view */
  show(view) {
    this.view = view;
    this.className = view.role;
    this.setAttribute("role", "article");
    this.setAttribute("aria-label", view.role === "user" ? S.you : S.answer);
    this.replaceChildren();
    this.parts = [];
    if (view.role === "user") {
      this.chips = h("ul", { class: "chips" });
      this.append(this.chips, ...longWords(view.text));
    } else {
      this.items = h("div", { class: "items" });
      this.stage = new StageLine();
      this.error = new Notice();
      this.foot = new AnswerFoot();
      this.append(this.items, this.stage, this.error, this.foot);
    }
    this.#sync();
  }

  /** The view changed, or another view of the same message takes its place. @param {MessageView} view */
  update(view) {
    this.view = view;
    onceAFrame(this, () => this.#sync());
  }

  #sync() {
    if (this.view.role === "user") this.#syncChips();
    else this.#syncAnswer();
  }

  #syncChips() {
    const { context, refs } = this.view;
    const chips = context.length
      ? context.map(({ kind, title, origin, read_chars, total_chars }) =>
          chip(kind, title, origin, S.read_share(percentRead(read_chars, total_chars))),
        )
      : (refs ?? []).map(({ kind, page, block }) =>
          chip(kind, block?.title ?? page?.title ?? "", block?.origin ?? page?.origin ?? "", ""),
        );
    this.chips?.replaceChildren(...chips);
  }

  #syncAnswer() {
    const { view } = this;
    const running = isRunning(view);
    for (const [i, item] of view.items.entries()) {
      let part = this.parts[i];
      if (part?.kind !== item.kind) {
        const fresh = makePart(item);
        if (part) part.element.replaceWith(fresh.element);
        else this.items?.append(fresh.element);
        part = fresh;
        this.parts[i] = part;
      }
      part.sync(item, running);
    }
    for (const extra of this.parts.splice(view.items.length)) extra.element.remove();
    this.classList.toggle("running", running);
    this.setAttribute("aria-busy", String(running));
    this.stage?.sync(view);
    // Retrying an older one would hide what came after it.
    const again = store.state.messages.at(-1) === view ? () => this.#retry() : null;
    if (view.error) {
      const { retryable, offers = [] } = view.error;
      const others = (again ? offers : []).flatMap(({ model_id }) => this.#other(model_id));
      this.error?.showError(view.error, retryable ? again : null, S.retry, others);
    } else if (view.status === "stopped") {
      const said = answerText(view) ? S.stopped : S.stopped_before;
      this.error?.show("quiet", said, again ? { label: S.retry, act: again } : undefined);
    } else this.error?.hide();
    this.foot?.sync(view);
  }

  /** A button for another model. Named as we know it: a stored message may say anything. @param {string} model_id */
  #other(model_id) {
    const model = store.state.app?.models.find((one) => one.model_id === model_id);
    if (!model) return [];
    const server = store.serverOf(model);
    const label = S.use_model(reveal(model.label), server ? hostOf(server.base_url) : null);
    return [{ label, act: () => this.#retryWith(model_id) }];
  }

  /** @param {string} model_id */
  #retryWith(model_id) {
    loadModel(model_id).catch(() => {}); // its failure comes as a state
    this.#retry();
  }

  #retry() {
    this.dispatchEvent(new CustomEvent("retry", { bubbles: true, detail: this.view }));
  }
}
customElements.define("message-bubble", MessageBubble);

/** @param {string} kind @param {string} title @param {string} origin @param {string} read */
function chip(kind, title, origin, read) {
  const host = URL.canParse(origin) ? new URL(origin).host : origin;
  return h(
    "li",
    { class: "chip", title: origin },
    icon(kind === "selection" ? "selection" : "page"),
    h("span", { class: "chip-title" }, title || (kind === "selection" ? S.selection : S.untitled)),
    h("span", { class: "chip-host" }, [host, read].filter(Boolean).join(" · ")),
  );
}
