/** Adding or changing a model server. What was entered stays until it is saved, whatever goes wrong. */
import { toErrorData } from "../../shared/errors.js";
import { announce } from "../announcer.js";
import { h, keepFocus, setText } from "../dom.js";
import { isFixed, saveServer } from "../privacy.js";
import { hostOf, isBelow, isOpenOnTheWay, PRESETS, readBaseUrl } from "../servers.js";
import { newId, store } from "../store.js";
import { S } from "../strings.js";
import { Notice } from "./notice.js";
import { withTip } from "./server-tip.js";

/** @typedef {import("../../shared/contract.js").Server} Server */

export class ServerForm extends HTMLElement {
  /** @type {string | null} null while closed */
  server_id = null;
  /** @type {Server | null} as it was stored before, null for a new one */
  stored = null;
  busy = false;
  /** The browser's question about the host is answered. */
  granted = false;
  heading = h("h4", { id: "server-form-title" });
  presets = h(
    "div",
    { class: "buttons", role: "group", "aria-label": S.server_preset },
    ...PRESETS.map((preset) =>
      h(
        "button",
        { type: "button", class: "small", onclick: () => this.#preset(preset) },
        preset.label,
      ),
    ),
  );
  kind = /** @type {HTMLSelectElement} */ (
    h(
      "select",
      { id: "server-kind" },
      ...Object.entries(S.server_kinds).map(([value, words]) => h("option", { value }, words)),
    )
  );
  url = field("server-url", "text", { inputmode: "url", "aria-describedby": "server-url-hint" });
  name = field("server-name", "text", { maxlength: 80 });
  key = field("server-key", "password", { maxlength: 1000, "aria-describedby": "server-key-hint" });
  drop_key = h("input", { type: "checkbox" });
  drop_row = h("label", { class: "choice" }, this.drop_key, h("span", {}, S.server_key_delete));
  url_hint = h("p", { class: "hint", id: "server-url-hint" }, S.server_url_hint);
  key_hint = h("p", { class: "hint", id: "server-key-hint" });
  warning = new Notice();
  problem = new Notice();
  save = h("button", { type: "button", class: "allow", onclick: () => this.#save() });

  /** @param {() => void} closed */
  constructor(closed = () => {}) {
    super();
    this.closed = closed;
  }

  connectedCallback() {
    this.setAttribute("role", "group");
    this.setAttribute("aria-labelledby", "server-form-title");
    if (this.firstChild) return;
    this.append(
      this.heading,
      this.presets,
      row(S.server_url, this.url, this.url_hint),
      row(S.server_kind, this.kind),
      this.warning,
      row(S.server_name, this.name),
      row(S.server_key, this.key, this.key_hint),
      this.drop_row,
      this.problem,
      h(
        "div",
        { class: "buttons" },
        this.save,
        h("button", { type: "button", onclick: () => this.close() }, S.cancel),
      ),
    );
    this.url.addEventListener("input", () => this.url.removeAttribute("aria-invalid"));
    for (const input of [this.url, this.name, this.key]) {
      input.addEventListener("input", () => this.#draw());
      input.addEventListener("keydown", (event) => {
        if (event.key === "Enter" && !event.isComposing) this.#save();
      });
    }
    this.url.addEventListener("input", () => {
      // The one address whose protocol is known.
      if (/^(https:\/\/)?api\.anthropic\.com(\/|$)/.test(this.url.value.trim())) {
        this.kind.value = "anthropic";
      }
    });
    this.drop_key.addEventListener("change", () => this.#draw());
    store.watch(["settings"], () => this.#draw());
  }

  /** @param {Server | null} server null: a new one */
  open(server) {
    this.stored = server;
    this.server_id = server?.server_id ?? newId("s");
    this.hidden = false;
    this.url.value = server?.base_url ?? "";
    this.kind.value = server?.kind ?? "openai";
    this.name.value = server?.label ?? "";
    this.key.value = "";
    this.drop_key.checked = false;
    this.problem.hide();
    this.url.removeAttribute("aria-invalid");
    setText(this.heading, server ? S.server_form_edit : S.server_form_add);
    this.presets.hidden = Boolean(server);
    this.#draw();
    this.url.focus();
    this.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.server_id = this.stored = null;
    this.key.value = "";
    this.hidden = true;
    this.closed();
  }

  /** @param {typeof PRESETS[number]} preset */
  #preset({ label, base_url, kind }) {
    this.url.value = base_url;
    this.kind.value = kind;
    this.name.value = label;
    this.problem.hide();
    this.#draw();
    this.save.focus();
  }

  /** The stored key is for another address than the one entered. @param {string} base_url */
  #keyMoved(base_url) {
    const { stored: before } = this;
    return Boolean(before?.has_key && new URL(before.base_url).origin !== new URL(base_url).origin);
  }

  #draw() {
    if (this.server_id === null) return;
    const read = readBaseUrl(this.url.value);
    const base_url = "base_url" in read ? read.base_url : null;
    const moved = base_url !== null && this.#keyMoved(base_url);
    const stored = Boolean(this.stored?.has_key);
    this.drop_row.hidden = !stored || moved;
    this.key.disabled = stored && !moved && this.drop_key.checked;
    const hint = moved
      ? S.server_key_moved(hostOf(/** @type {Server} */ (this.stored).base_url))
      : stored
        ? S.server_key_kept
        : S.server_key_hint;
    setText(this.key_hint, hint);
    if (base_url && isOpenOnTheWay(base_url)) {
      this.warning.show("warn", S.server_open_way(new URL(base_url).hostname));
    } else this.warning.hide();
    this.save.disabled = this.busy;
    const working = this.granted ? S.server_working : S.server_granting;
    setText(this.save, this.busy ? working : this.#saveWords(base_url));
    setText(this.url_hint, this.#urlWords(read));
  }

  /** @param {ReturnType<typeof readBaseUrl>} read */
  #urlWords(read) {
    const typed = this.url.value.trim();
    const refused = this.url.getAttribute("aria-invalid") === "true";
    if ("problem" in read) return typed || refused ? read.problem : S.server_url_hint;
    return read.base_url === typed ? S.server_url_hint : S.server_url_used(read.base_url);
  }

  /** @param {string | null} base_url */
  #saveWords(base_url) {
    if (!base_url || !this.#raises()) return S.server_save;
    const host = hostOf(base_url);
    if (!this.stored) return S.raise_servers([host]);
    return hostOf(this.stored.base_url) === host ? S.server_save : S.server_save_host(host);
  }

  /** Will chats be let go to this server by saving it? */
  #raises() {
    const level = store.settings?.level ?? "device";
    return isBelow(level, "servers") ? !this.stored && !isFixed("level") : true;
  }

  async #save() {
    const { server_id } = this;
    if (this.busy || server_id === null) return;
    const read = readBaseUrl(this.url.value);
    if ("problem" in read) {
      this.problem.hide();
      this.url.setAttribute("aria-invalid", "true");
      this.#draw();
      announce(read.problem, true);
      this.url.focus();
      return;
    }
    const { base_url } = read;
    this.url.value = base_url;
    const label = this.name.value.trim() || hostOf(base_url).slice(0, 80);
    const drop = this.#keyMoved(base_url) || (this.drop_key.checked && !this.drop_row.hidden);
    const key = (this.key.disabled ? "" : this.key.value.trim()) || (drop ? "" : null);
    let saved = false;
    // Begun before anything else: the browser's question about the host needs the click.
    const kind = /** @type {import("../servers.js").ServerKind} */ (this.kind.value);
    this.granted = false;
    const done = saveServer({ server_id, kind, label, base_url, key }, this.#raises(), {
      granted: () => {
        this.granted = true;
        this.#draw();
      },
      saved: () => {
        saved = true;
      },
    });
    this.busy = true;
    this.problem.hide();
    this.#draw();
    try {
      await done;
      this.busy = false;
      const found = store.settings?.servers.find((one) => one.server_id === server_id);
      announce(S.models_read(label, found?.models.length ?? 0), true);
      if (this.server_id === server_id) this.close();
    } catch (error) {
      this.busy = false;
      if (this.server_id !== server_id) return; // closed meanwhile
      const data = withTip(toErrorData(error), label, base_url);
      const message = saved ? `${S.server_saved_only} ${data.message}` : data.message;
      this.problem.showError({ ...data, message }, () => this.#save(), S.try_again);
      this.#draw();
      keepFocus(this.save);
      this.problem.scrollIntoView({ block: "nearest" });
    }
  }
}
customElements.define("server-form", ServerForm);

/** @param {string} id @param {string} type @param {Record<string, unknown>} more */
function field(id, type, more) {
  return h("input", { id, type, autocomplete: "off", spellcheck: "false", ...more });
}

/** @param {string} label @param {HTMLElement} input @param {Node[]} more */
function row(label, input, ...more) {
  return h("div", { class: "field" }, h("label", { for: input.id }, label), input, ...more);
}
