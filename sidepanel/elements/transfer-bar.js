/** Below the list of conversations: all of them to a file, or others from one. */
import { toErrorData } from "../../shared/errors.js";
import { announce } from "../announcer.js";
import { h, keepFocus } from "../dom.js";
import { icon } from "../icons.js";
import { S } from "../strings.js";
import { exportToFile, importFromFile } from "../transfer.js";
import { Notice } from "./notice.js";

export class TransferBar extends HTMLElement {
  problem = new Notice();
  file = h("input", {
    type: "file",
    accept: ".json,application/json",
    hidden: true,
    onchange: () => this.#chosen(),
  });
  export_all = h(
    "button",
    { type: "button", class: "small", onclick: () => this.save(null, "") },
    icon("download"),
    S.export_all,
  );
  import_from = h(
    "button",
    { type: "button", class: "small", onclick: () => this.file.click() },
    icon("upload"),
    S.import_word,
  );

  connectedCallback() {
    if (this.firstChild) return;
    const buttons = h("div", { class: "buttons" }, this.export_all, this.import_from);
    this.append(this.problem, buttons, this.file);
  }

  /** @param {string | null} conversation_id null: all @param {string} title */
  save(conversation_id, title) {
    return this.#work(S.export_busy, async () => {
      await exportToFile(conversation_id, title);
      return S.exported;
    });
  }

  #chosen() {
    const file = this.file.files?.[0];
    if (!file) return;
    this.#work(S.import_busy, async () => S.imported(await importFromFile(file)));
    this.file.value = ""; // the same file may be chosen again
  }

  /** @param {string} busy @param {() => Promise<string>} job gives what to say */
  async #work(busy, job) {
    const pressed = document.activeElement;
    this.export_all.disabled = this.import_from.disabled = true;
    this.problem.show("quiet", busy);
    try {
      const said = await job();
      this.problem.show("quiet", said);
      announce(said, true);
    } catch (error) {
      this.problem.showError(toErrorData(error), null);
    } finally {
      this.export_all.disabled = this.import_from.disabled = false;
      keepFocus(pressed);
    }
  }
}
customElements.define("transfer-bar", TransferBar);
