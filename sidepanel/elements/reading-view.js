/**
 * What is read of the page, exactly: the text, its share of the page, what was left out and why; main
 * text, whole page, selection or one section to choose.
 * @import { PageText } from "../../shared/contract.js"
 */
import { request } from "../../shared/bus.js";
import { toErrorData } from "../../shared/errors.js";
import { page_watcher } from "../actions.js";
import { announce } from "../announcer.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { R } from "../strings-reading.js";
import { closeButton } from "./close-button.js";
import { Notice } from "./notice.js";

/** @typedef {"page" | "whole" | "selection" | "section"} Scope */
/** @type {Scope[]} */
const SCOPES = ["page", "whole", "section", "selection"];

export class ReadingView extends HTMLElement {
  /** @type {Scope} */
  scope = "page";
  section = 0;
  /** @type {PageText | null} */
  read = null;
  asked = 0;
  problem = new Notice();
  scopes = h(
    "fieldset",
    { class: "scopes" },
    h("legend", { class: "unseen" }, R.choose),
    ...SCOPES.map((scope) => this.#radio(scope)),
  );
  sections = h("select", {
    "aria-label": R.which_section,
    onchange: () => {
      this.section = this.sections.selectedIndex;
      this.#draw();
    },
  });
  bar = h("progress", { max: "100", "aria-hidden": "true" });
  share = h("p", { class: "share" });
  body = h("pre", { class: "reading-text", tabindex: "0", role: "region", "aria-label": R.text });
  dropped = h("details", { class: "dropped" });
  attach = h("button", { type: "button", class: "allow", onclick: () => this.#attach() }, R.attach);
  dialog = h(
    "dialog",
    { class: "sheet", "aria-labelledby": "reading-title" },
    h(
      "header",
      {},
      h("h2", { id: "reading-title" }, icon("eye"), R.title),
      closeButton(() => this.dialog.close()),
    ),
    this.scopes,
    this.problem,
    h(
      "div",
      { class: "reading" },
      this.sections,
      this.share,
      this.bar,
      this.body,
      this.dropped,
      h("p", { class: "hint" }, R.model_limit),
    ),
    h("footer", {}, this.attach),
  );

  connectedCallback() {
    this.append(this.dialog);
    document.addEventListener("open-reading", () => this.open());
  }

  open() {
    if (this.dialog.open) return;
    this.#choose("page");
    this.dialog.showModal();
  }

  /** @param {Scope} scope */
  #radio(scope) {
    return h(
      "label",
      {},
      h("input", {
        type: "radio",
        name: "reading-scope",
        value: scope,
        onchange: () => this.#choose(scope),
      }),
      h("span", {}, R[scope]),
    );
  }

  /** @param {Scope} scope */
  #choose(scope) {
    this.scope = scope;
    for (const radio of this.scopes.querySelectorAll("input"))
      radio.checked = radio.value === scope;
    this.#load().catch(() => {}); // told in the view
  }

  /** The answer to the newest question counts. */
  async #load() {
    const page = store.readablePage;
    const mine = ++this.asked;
    this.read = null;
    this.problem.hide();
    this.#draw();
    try {
      if (!page) throw { code: "no_page", message: S.page_not_readable, hint: "", retryable: true };
      const mode = this.scope === "section" ? "page" : this.scope;
      const read = await request({ type: "background.read_page", page, mode });
      if (mine !== this.asked) return;
      this.read = read;
      this.section = 0;
      this.#fillSections();
      this.#draw();
      announce(this.share.textContent ?? "");
    } catch (error) {
      if (mine !== this.asked) return;
      this.problem.showError(toErrorData(error), () => this.#choose(this.scope), S.try_again);
      this.#draw();
    }
  }

  #fillSections() {
    const sections = this.read?.share?.sections ?? [];
    this.sections.replaceChildren(
      ...sections.map(({ title, level }) =>
        h("option", {}, `${"\u2003".repeat(Math.max(0, level - 1))}${title}`),
      ),
    );
  }

  /** The text as it would be sent. */
  get #text() {
    const { read } = this;
    if (!read) return "";
    if (this.scope !== "section") return read.block.text;
    const section = read.share?.sections?.[this.section];
    return section ? read.block.text.slice(section.start, section.end).trim() : "";
  }

  #draw() {
    const { read, scope } = this;
    const text = this.#text;
    this.body.textContent = text;
    this.body.hidden = !text;
    this.sections.hidden = scope !== "section" || !this.sections.options.length;
    this.attach.disabled = !text;
    this.dialog.setAttribute("aria-busy", String(!read && this.problem.hidden));
    this.share.textContent = read
      ? this.#shareText(read, text)
      : this.problem.hidden
        ? R.loading
        : "";
    const { share } = read ?? {};
    const seen = share?.seen_chars ?? 0;
    this.bar.hidden = !seen;
    if (seen) this.bar.value = (100 * this.#readChars(text)) / seen;
    this.dropped.hidden = !share || scope === "section";
    if (share && scope !== "section") this.#drawDropped(share);
  }

  /** @param {string} text */
  #readChars(text) {
    const { share } = this.read ?? {};
    return this.scope === "section" ? text.replace(/\s+/g, "").length : (share?.read_chars ?? 0);
  }

  /** @param {PageText} read @param {string} text */
  #shareText({ share, block }, text) {
    if (!share) return R.selected(text.length);
    if (this.scope === "section" && !share.sections?.length) return R.no_sections;
    const words = [R.share(Math.min(this.#readChars(text), share.seen_chars), share.seen_chars)];
    if (block.truncated) words.push(R.cut(block.total_chars));
    return words.join(". ");
  }

  /** @param {NonNullable<PageText["share"]>} share */
  #drawDropped({ dropped, closed_frames }) {
    const chars = dropped.reduce((sum, entry) => sum + entry.chars, 0);
    this.dropped.replaceChildren(
      h("summary", {}, chars ? R.left_out(chars) : R.nothing_left_out),
      h(
        "ul",
        {},
        ...dropped.map((entry) =>
          h(
            "li",
            {},
            h("strong", {}, R.reason[entry.reason]),
            h("span", { class: "hint" }, R.chars(entry.chars)),
            entry.sample && h("q", {}, entry.sample),
          ),
        ),
        closed_frames > 0 && h("li", {}, R.frames(closed_frames)),
      ),
    );
  }

  /** The main text is read afresh when the message is sent; any other choice is sent as it is shown. */
  #attach() {
    const { read, scope } = this;
    if (!read?.page.document_id) return;
    const text = this.#text;
    const section = read.share?.sections?.[this.section]?.title ?? "";
    const label = scope === "section" ? `“${section}”` : R[scope];
    const block = { ...read.block, text };
    const reading = { document_id: read.page.document_id, label, block };
    page_watcher.setAttached(true);
    store.set({ reading: scope === "page" ? null : reading });
    this.dialog.close();
  }
}
customElements.define("reading-view", ReadingView);
