/** Below an answer: what it cost, and copying it. */
import { h, setText } from "../dom.js";
import { S } from "../strings.js";
import { answerText, isRunning } from "../turn-view.js";
import { copyButton } from "./copy-button.js";

export class AnswerFoot extends HTMLElement {
  /** @type {import("../types.js").MessageView | null} */
  view = null;
  meter = h("span", { class: "meter" });
  copy = copyButton(S.copy_answer, () => (this.view ? answerText(this.view) : ""));

  connectedCallback() {
    this.className = "foot";
    if (!this.firstChild) this.append(this.copy, this.meter);
  }

  /** @param {import("../types.js").MessageView} view */
  sync(view) {
    this.view = view;
    // A turn that was stopped or failed before the model ran cost nothing.
    const ran = view.usage && view.usage.prompt_tokens + view.usage.completion_tokens > 0;
    const usage = ran ? view.usage : null;
    const has_text = answerText(view) !== "";
    this.hidden = isRunning(view) || (!has_text && !usage);
    this.copy.hidden = !has_text;
    setText(this.meter, usage ? S.meter(usage).join(" · ") : "");
    this.meter.title = usage ? S.meter_title(usage) : "";
    this.meter.hidden = !usage;
  }
}
customElements.define("answer-foot", AnswerFoot);
