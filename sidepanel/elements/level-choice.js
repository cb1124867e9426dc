/** The three levels: what may leave, to whom. Lowering is one click; raising names host and data on its button. */
import { toErrorData } from "../../shared/errors.js";
import { announce } from "../announcer.js";
import { h, keepFocus, redraw } from "../dom.js";
import { icon } from "../icons.js";
import { isFixed, serverHosts, setLevel } from "../privacy.js";
import { isBelow, LEVELS } from "../servers.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { Notice } from "./notice.js";

/** @typedef {import("../servers.js").Level} Level */

const ICONS = { device: "lock", servers: "server", web: "globe" };

export class LevelChoice extends HTMLElement {
  busy = false;
  drawn = "";
  list = h("ul", { class: "levels" });
  problem = new Notice();
  heading = h("h3", { tabindex: "-1" }, S.level_title);

  connectedCallback() {
    this.className = "part";
    if (!this.firstChild) this.append(this.heading, this.list, this.problem);
    this.unsubscribe = store.watch(["settings", "app"], () => this.#draw());
  }

  disconnectedCallback() {
    this.unsubscribe?.();
  }

  #draw() {
    const { settings } = store;
    const drawn = JSON.stringify([settings, this.busy]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    if (!settings) return redraw(this.list, () => [h("li", { class: "none" }, S.loading)]);
    const rows = LEVELS.map((level) => this.#row(level, settings));
    const off = settings.disabled_tools;
    const tools = off.length > 0 && [
      h("li", { class: "fixed" }, S.fixed_tools(off), " ", isFixed("disabled_tools") && S.fixed),
    ];
    redraw(this.list, () => [...rows, ...(tools || [])], this.heading);
  }

  /** @param {Level} level @param {import("../../shared/contract.js").Settings} settings */
  #row(level, settings) {
    const now = settings.level === level;
    return h(
      "li",
      { "aria-current": now ? "true" : null, "data-level": level },
      h(
        "p",
        { class: "level-name" },
        icon(ICONS[level]),
        h("strong", {}, S.level[level]),
        now && h("span", { class: "now" }, icon("check"), S.level_now),
      ),
      h("p", { class: "level-text" }, S.level_text[level]),
      ...this.#action(level, settings),
    );
  }

  /** @param {Level} level @param {import("../../shared/contract.js").Settings} settings */
  #action(level, settings) {
    if (settings.level === level) return isFixed("level") ? [fixed(S.fixed)] : [];
    if (isBelow(settings.max_level, level)) return [fixed(S.fixed_max(settings.max_level))];
    if (isFixed("level")) return [];
    const lowers = isBelow(level, settings.level);
    const hosts = isBelow(settings.level, "servers") ? serverHosts() : [];
    if (level === "servers" && !lowers && !hosts.length) return [fixed(S.raise_needs_server)];
    const words = lowers
      ? S.level_lower(level)
      : level === "servers"
        ? S.raise_servers(hosts)
        : S.raise_web(hosts);
    const button = h(
      "button",
      {
        type: "button",
        class: lowers ? "lower" : "raise",
        disabled: this.busy,
        "data-focus": level,
        onclick: (/** @type {Event} */ event) =>
          (lowers || event.isTrusted) && this.#set(level, button),
      },
      words,
    );
    return [button];
  }

  /** @param {Level} level @param {HTMLElement} button */
  async #set(level, button) {
    // The browser's question about a host must be asked within the click.
    const done = setLevel(level);
    this.busy = true;
    button.setAttribute("disabled", "");
    this.problem.hide();
    try {
      await done;
      announce(S.level_said(level), true);
    } catch (error) {
      this.problem.showError(toErrorData(error), null);
    } finally {
      this.busy = false;
      this.#draw();
      button.removeAttribute("disabled");
      keepFocus(this.heading);
    }
  }
}
customElements.define("level-choice", LevelChoice);

/** @param {string} words */
const fixed = (words) => h("p", { class: "fixed" }, words);
