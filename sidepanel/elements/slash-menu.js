/** The commands, while the text is a started command: arrows move, Enter or Tab takes, Escape closes. */
import { matching } from "../commands.js";
import { h } from "../dom.js";
import { S } from "../strings.js";

export class SlashMenu extends HTMLElement {
  /** @type {import("../commands.js").Command[]} */
  commands = [];
  at = 0;
  closed_for = "";

  /** @param {(text: string) => void} pick */
  constructor(pick = () => {}) {
    super();
    this.pick = pick;
  }

  connectedCallback() {
    this.id = "slash-menu";
    this.setAttribute("role", "listbox");
    this.setAttribute("aria-label", S.commands);
    this.hidden = this.commands.length === 0;
  }

  /** @param {HTMLTextAreaElement} box */
  bind(box) {
    this.box = box;
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-controls", "slash-menu");
  }

  /** @param {string} text */
  update(text) {
    const found = text === this.closed_for ? [] : matching(text);
    if (text !== this.closed_for) this.closed_for = "";
    this.commands = found;
    this.at = 0;
    this.hidden = found.length === 0;
    this.#draw();
  }

  #draw() {
    this.replaceChildren(
      ...this.commands.map(({ name, argument, help }, i) =>
        h(
          "div",
          {
            id: `command-${i}`,
            role: "option",
            "aria-selected": String(i === this.at),
            // The box keeps the focus, so a press must not take it.
            onpointerdown: (/** @type {Event} */ event) => event.preventDefault(),
            onclick: () => this.#take(i),
          },
          h("span", { class: "command" }, name, argument && h("em", {}, ` ${argument}`)),
          h("span", { class: "help" }, help),
        ),
      ),
    );
    if (this.hidden) this.box?.removeAttribute("aria-activedescendant");
    else this.box?.setAttribute("aria-activedescendant", `command-${this.at}`);
  }

  /** @param {number} i */
  #take(i) {
    const command = this.commands[i];
    if (command) this.pick(command.argument ? `${command.name} ` : command.name);
  }

  /** True when the key was the menu's. @param {KeyboardEvent} event */
  key(event) {
    if (this.hidden) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.at = (this.at + step + this.commands.length) % this.commands.length;
      this.#draw();
    } else if (event.key === "Enter" || event.key === "Tab") this.#take(this.at);
    else if (event.key === "Escape") {
      this.closed_for = this.box?.value ?? "";
      this.update(this.closed_for);
    } else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}
customElements.define("slash-menu", SlashMenu);
