/** What a running answer is doing, and for how long: never a spinner without a word. */
import { h, setText } from "../dom.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { isRunning } from "../turn-view.js";
import { loadText } from "./load-text.js";

const SHOW_SECONDS_AFTER_MS = 2000;
const SLOW_AFTER_MS = 45_000;

export class StageLine extends HTMLElement {
  /** @type {import("../types.js").MessageView | null} */
  view = null;
  label = h("span", { class: "stage-label" });
  elapsed = h("span", { class: "stage-elapsed" });
  slow = h("span", { class: "stage-slow" });

  connectedCallback() {
    this.className = "stage";
    if (!this.firstChild) {
      const glow = h("span", { class: "glow", "aria-hidden": "true" });
      this.append(glow, this.label, this.elapsed, this.slow);
    }
    this.unsubscribe = store.watch(["app", "waiting_elsewhere"], () => this.#draw());
    this.timer = setInterval(() => this.#draw(), 1000);
  }

  disconnectedCallback() {
    this.unsubscribe?.();
    clearInterval(this.timer);
  }

  /** @param {import("../types.js").MessageView} view */
  sync(view) {
    this.view = view;
    this.#draw();
  }

  #draw() {
    const { view } = this;
    const last = view?.items.at(-1);
    // Words that arrive say enough; between blocks the line is needed.
    const writing = view?.stage?.stage === "decode" && last?.kind === "text" && last.text !== "";
    // An approval card says by itself what is waited for.
    const waits = view?.stage?.stage === "waiting_approval";
    this.hidden = !view || !isRunning(view) || writing || waits;
    if (!view || !isRunning(view)) clearInterval(this.timer);
    if (!view || this.hidden) return;
    const engine = store.state.app?.engine;
    const loading = view.stage?.stage === "loading_model" && engine?.state === "loading";
    const words = view.stage?.place
      ? S.queued(view.stage.place, store.elsewhere !== null)
      : S.stage(view.stage);
    setText(this.label, loading ? `${words}: ${loadText(engine)}` : words);
    const since_ms = Date.now() - view.stage_since_ms;
    const counted = since_ms > SHOW_SECONDS_AFTER_MS && !loading;
    setText(this.elapsed, counted ? S.elapsed(Math.round(since_ms / 1000)) : "");
    setText(this.slow, since_ms > SLOW_AFTER_MS ? S.slow : "");
  }
}
customElements.define("stage-line", StageLine);
