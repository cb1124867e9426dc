/** What will be read with the next message, or why nothing can be. */
import { page_watcher } from "../actions.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { store } from "../store.js";
import { S } from "../strings.js";

/** @param {string} text @returns {[string, string]} */
function firstSentence(text) {
  const end = /[.!?](?:\s|$)/.exec(text);
  return end ? [text.slice(0, end.index + 1), text.slice(end.index + 1).trim()] : [text, ""];
}

export class PageChip extends HTMLElement {
  refused = false;

  connectedCallback() {
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", S.page);
    store.watch(["page", "choice", "reading", "model_id", "settings"], () => this.#draw());
    document.addEventListener("explain-page", () => {
      const why = this.querySelector("details");
      if (why) why.open = true;
    });
  }

  #draw() {
    const { page } = store.state;
    const focused = this.contains(document.activeElement);
    const explained = this.querySelector("details")?.open ?? false;
    const on = store.attached;
    this.dataset.state = page?.state ?? "checking";
    this.dataset.on = String(on);
    if (!page) this.replaceChildren(h("p", { class: "hint" }, S.page_checking));
    else if (store.readablePage) {
      this.replaceChildren(
        this.#toggle(on),
        this.#look(),
        on && page.can_request_origin ? this.#always() : "",
      );
    } else this.replaceChildren(...this.#closed(explained));
    const button = this.querySelector("button");
    if (focused) button?.focus();
  }

  /** @param {boolean} on */
  #toggle(on) {
    const page = /** @type {import("../../shared/contract.js").PageState} */ (store.state.page);
    const changed = page.state === "changed";
    const goes_to = store.blocked ? null : store.destination;
    const lead = on
      ? goes_to
        ? S.page_goes(goes_to)
        : changed
          ? S.page_on_again
          : S.page_on
      : changed
        ? S.page_changed
        : S.page_off;
    return h(
      "button",
      {
        type: "button",
        class: "attach",
        "aria-pressed": String(on),
        "aria-label": `${lead}: ${page.title || S.untitled}, ${page.host}. ${on ? S.page_detach : S.page_attach}`,
        title: `${on ? S.page_detach : S.page_attach}\n${page.title}\n${page.page?.origin ?? page.host}`,
        onclick: () => page_watcher.setAttached(!on),
      },
      icon(on ? "check" : "plus"),
      h(
        "span",
        { class: "what" },
        h("span", { class: "chip-title" }, page.title || S.untitled),
        h(
          "span",
          { class: "where" },
          [lead, on && store.reading?.label, page.host].filter(Boolean).join(" · "),
        ),
      ),
    );
  }

  #look() {
    return h(
      "button",
      {
        type: "button",
        class: "quiet look",
        "aria-label": S.reading_open,
        title: S.reading_open,
        onclick: () => document.dispatchEvent(new Event("open-reading")),
      },
      icon("eye"),
    );
  }

  /** @param {boolean} open is why it cannot be read unfolded */
  #closed(open) {
    const page = /** @type {import("../../shared/contract.js").PageState} */ (store.state.page);
    const needs_click = page.state === "needs_click";
    // What to do comes first; why is one press away.
    const [first, rest] = needs_click ? firstSentence(page.hint) : [page.reason, page.hint];
    const more = [needs_click && page.reason, rest].filter(Boolean).join(" ");
    const ask = needs_click && page.can_request_origin && page_watcher.originPattern();
    const lead = [needs_click ? S.page_click : S.page_unreadable, page.host].filter(Boolean);
    return [
      icon(needs_click ? "click" : "info"),
      h(
        "details",
        { class: "why", open },
        h(
          "summary",
          {},
          h("span", { class: "lead" }, lead.join(" · ")),
          h("span", { class: "hint" }, this.refused && needs_click ? S.permission_refused : first),
        ),
        h("p", { class: "hint" }, more),
      ),
      ask ? this.#always() : "",
    ];
  }

  #always() {
    return h(
      "button",
      {
        type: "button",
        class: "small always",
        title: S.always_title,
        onclick: () => this.#request(),
      },
      S.always_on_site,
    );
  }

  /** The request is the first call of the click, as the browser demands. */
  #request() {
    page_watcher.requestSite().then(
      (granted) => {
        this.refused = !granted;
        this.#draw();
      },
      () => {
        this.refused = true;
        this.#draw();
      },
    );
  }
}
customElements.define("page-chip", PageChip);
