/**
 * Every link of the panel opens through here. A site's plain short address opens on the click; any other is shown
 * first, decoded, because whoever wrote the answer may have put there what the model has read.
 */
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { carriedBy, isPlain } from "../link-risk.js";
import { safeAddress } from "../markdown.js";
import { S } from "../strings.js";
import { reveal } from "../visible.js";
import { copyButton } from "./copy-button.js";

/** The second click of a double click must not press what has just appeared under it. */
const ARM_MS = 500;

export class LinkAsk extends HTMLElement {
  /** @type {URL | null} */
  url = null;
  open_button = h("button", { type: "button", class: "allow" }, icon("out"), S.link_open);
  cancel = h("button", { type: "button", class: "deny", onclick: () => this.#close() }, S.cancel);
  about = h("div", { class: "about", tabindex: "0", role: "group", "aria-label": S.link_carries });
  host = h("p", { class: "link-host" });
  dialog = h(
    "dialog",
    { class: "ask", role: "alertdialog", "aria-labelledby": "link-title" },
    h("h2", { id: "link-title" }, S.link_title),
    this.host,
    this.about,
    h(
      "div",
      { class: "buttons" },
      this.cancel,
      copyButton(S.link_copy, () => this.url?.href ?? "", true),
      this.open_button,
    ),
  );

  connectedCallback() {
    this.append(this.dialog);
    this.open_button.addEventListener("click", (event) => event.isTrusted && this.#go());
    // Each way a link can be followed or taken away: click, middle click, its menu, dragging.
    for (const type of ["click", "auxclick", "contextmenu", "dragstart"]) {
      document.addEventListener(type, (event) => this.#followed(event), true);
    }
  }

  /** @param {Event} event */
  #followed(event) {
    const target = event.target instanceof Element ? event.target : null;
    const link = target?.closest("a[href]");
    if (!link) return;
    const url = safeAddress(link.getAttribute("href"));
    if (url && isPlain(url)) return;
    event.preventDefault();
    event.stopPropagation();
    const right_click = event.type === "auxclick" && /** @type {MouseEvent} */ (event).button === 2;
    if (url && event.type !== "dragstart" && !right_click) this.#ask(url);
  }

  /** @param {URL} url */
  #ask(url) {
    if (this.dialog.open) return;
    this.url = url;
    const to = url.protocol === "mailto:" ? S.link_mail(reveal(url.pathname)) : url.host;
    this.host.replaceChildren(icon("globe"), h("strong", {}, to));
    this.about.replaceChildren(
      h("p", {}, S.link_carries),
      h(
        "dl",
        {},
        ...carriedBy(url).flatMap(({ name, text }) => [h("dt", {}, name), h("dd", {}, text)]),
        h("dt", {}, S.link_address),
        h("dd", {}, h("code", {}, url.href)),
      ),
    );
    this.open_button.disabled = true;
    setTimeout(() => {
      this.open_button.disabled = false;
    }, ARM_MS);
    this.dialog.showModal();
    this.cancel.focus();
  }

  #close() {
    this.dialog.close();
  }

  #go() {
    const { url } = this;
    this.#close();
    if (!url) return;
    // Not in the document, so that this click is not asked about again.
    h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }).click();
  }
}
customElements.define("link-ask", LinkAsk);
