/** The user's model servers: add, read their models, edit, remove. */
import { toErrorData } from "../../shared/errors.js";
import { announce } from "../announcer.js";
import { h, keepFocus, redraw } from "../dom.js";
import { icon } from "../icons.js";
import { isFixed, readModels, removeServer } from "../privacy.js";
import { hostOf, isBelow } from "../servers.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { reveal } from "../visible.js";
import { Notice } from "./notice.js";
import { ServerForm } from "./server-form.js";
import { withTip } from "./server-tip.js";

/** @typedef {import("../../shared/contract.js").Server} Server */

export class ServerList extends HTMLElement {
  /** @type {string | null} the one whose removal is being confirmed */
  removing = null;
  /** @type {string | null} the one whose models are being read */
  reading = null;
  /** Grows with each change that no setting tells of. */
  drawn = "";
  list = h("ul", { class: "servers" });
  problem = new Notice();
  form = new ServerForm(() => this.#formClosed());
  heading = h("h3", { tabindex: "-1" }, S.servers_title);
  add = h(
    "button",
    { type: "button", class: "add", onclick: () => this.#openForm(null) },
    icon("plus"),
    S.add_server,
  );

  connectedCallback() {
    this.className = "part";
    this.form.hidden = true;
    if (!this.firstChild) this.append(this.heading, this.list, this.problem, this.add, this.form);
    this.unsubscribe = store.watch(["settings", "app"], () => this.#draw());
  }

  disconnectedCallback() {
    this.unsubscribe?.();
  }

  #draw() {
    const { settings } = store;
    const drawn = JSON.stringify([settings, this.removing, this.reading, this.form.server_id]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const fixed = isFixed("servers");
    const none = settings?.max_level === "device";
    this.add.hidden = !settings || fixed || none || !this.form.hidden;
    const servers = settings?.servers ?? [];
    const rows = servers.map((server) =>
      server.server_id === this.removing ? this.#confirm(server) : this.#row(server, fixed),
    );
    const empty = none ? S.fixed_max("device") : fixed ? S.fixed : S.no_servers;
    if (!servers.length) rows.push(h("li", { class: "none" }, settings ? empty : S.loading));
    else if (fixed) rows.push(h("li", { class: "fixed" }, S.fixed));
    redraw(this.list, () => rows, this.heading);
  }

  /** @param {Server} server @param {boolean} fixed */
  #row(server, fixed) {
    const { server_id, label, base_url, models, has_key } = server;
    const reading = this.reading === server_id;
    const off = isBelow(store.settings?.level ?? "device", "servers");
    const facts = [S.models_of(models.length), has_key ? S.key_stored : S.key_none];
    const button = (
      /** @type {string} */ name,
      /** @type {string} */ words,
      /** @type {() => void} */ act,
      disabled = false,
    ) =>
      h(
        "button",
        {
          type: "button",
          class: "small",
          disabled,
          "aria-label": S.named(words, label),
          "data-focus": `${name} ${server_id}`,
          onclick: act,
        },
        words,
      );
    return h(
      "li",
      { "data-id": server_id },
      h("p", { class: "level-name" }, icon("server"), h("strong", {}, reveal(label))),
      h("code", { class: "server-url" }, reveal(base_url)),
      h("p", { class: "facts" }, facts.join(" · ")),
      off && h("p", { class: "facts" }, S.refresh_needs_level),
      h(
        "div",
        { class: "buttons" },
        button(
          "refresh",
          reading ? S.refreshing : S.refresh_models,
          () => this.#refresh(server),
          reading || off,
        ),
        !fixed && button("edit", S.edit, () => this.#openForm(server)),
        !fixed && button("remove", S.remove, () => this.#ask(server_id)),
      ),
    );
  }

  /** @param {Server} server */
  #confirm({ server_id, label }) {
    return h(
      "li",
      { class: "confirm", role: "alertdialog", "aria-label": S.remove_sure, "data-id": server_id },
      h("p", {}, S.remove_sure, " ", h("strong", {}, reveal(label))),
      h(
        "div",
        { class: "buttons" },
        h(
          "button",
          { type: "button", class: "keep", onclick: () => this.#ask(null, server_id) },
          S.keep,
        ),
        h(
          "button",
          { type: "button", class: "danger", onclick: () => this.#remove(server_id) },
          icon("trash"),
          S.remove,
        ),
      ),
    );
  }

  /** @param {string | null} server_id @param {string} [back] the row that was left */
  #ask(server_id, back) {
    this.removing = server_id;
    this.#draw();
    const wanted = server_id
      ? this.list.querySelector(".keep")
      : [...this.list.querySelectorAll("[data-focus]")].find(
          (one) => one.getAttribute("data-focus") === `remove ${back}`,
        );
    if (wanted instanceof HTMLElement) wanted.focus();
  }

  /** @param {string} server_id */
  async #remove(server_id) {
    this.removing = null;
    this.problem.hide();
    try {
      if (this.form.server_id === server_id) this.form.close();
      await removeServer(server_id);
    } catch (error) {
      this.problem.showError(toErrorData(error), null);
    }
    this.#draw();
    this.heading.focus();
  }

  /** @param {Server} server */
  async #refresh(server) {
    const { server_id, label, base_url } = server;
    this.reading = server_id;
    this.problem.hide();
    this.#draw();
    try {
      await readModels(server_id);
      const found = store.settings?.servers.find((one) => one.server_id === server_id);
      announce(S.models_read(label, found?.models.length ?? 0), true);
    } catch (error) {
      const data = withTip(toErrorData(error), label, base_url);
      const message = `${reveal(label)} (${hostOf(base_url)}): ${data.message}`;
      this.problem.showError({ ...data, message }, null);
    }
    this.reading = null;
    this.#draw();
    keepFocus(this.list.querySelector(`[data-focus="refresh ${CSS.escape(server_id)}"]`));
  }

  /** @param {Server | null} server null: a new one */
  #openForm(server) {
    this.problem.hide();
    this.form.open(server);
    this.#draw();
  }

  #formClosed() {
    this.#draw();
    if (!this.add.hidden) this.add.focus();
  }
}
customElements.define("server-list", ServerList);
