/** Privacy and activity, over the whole panel: what may leave, what has left, what was decided. */
import { readLedger } from "../activity.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { readSettings } from "../privacy.js";
import { store } from "../store.js";
import { S } from "../strings.js";
import { closeButton } from "./close-button.js";
import { DecisionsView } from "./decisions-view.js";
import { LevelChoice } from "./level-choice.js";
import { LocalChanges } from "./local-changes.js";
import { Notice } from "./notice.js";
import { SentView } from "./sent-view.js";
import { ServerList } from "./server-list.js";
import { makeTabs } from "./tabs.js";

export class PrivacyView extends HTMLElement {
  waits = new Notice();
  problem = new Notice();
  tabs = makeTabs(
    S.privacy_and_activity,
    [
      {
        id: "levels",
        label: S.tab_privacy,
        content: h(
          "div",
          {},
          this.problem,
          new LevelChoice(),
          new ServerList(),
          new LocalChanges(),
        ),
      },
      { id: "sent", label: S.tab_sent, content: new SentView() },
      { id: "decisions", label: S.tab_decisions, content: new DecisionsView() },
    ],
    (id) => {
      if (id === "sent") readLedger();
    },
  );
  dialog = h(
    "dialog",
    { class: "sheet", "aria-labelledby": "privacy-title" },
    h(
      "header",
      {},
      h("h2", { id: "privacy-title" }, icon("lock"), S.privacy),
      closeButton(() => this.dialog.close()),
    ),
    this.waits,
    this.tabs.list,
    ...this.tabs.panels,
  );

  connectedCallback() {
    this.append(this.dialog);
    this.tabs.show(0);
    document.addEventListener("open-privacy", () => this.open());
    store.watch(["waiting_elsewhere", "live"], () => this.#drawWaiting());
    store.watch(["settings", "settings_error", "app"], () => this.#drawProblem());
  }

  open() {
    if (this.dialog.open) return;
    this.tabs.show(0);
    this.dialog.showModal();
    readSettings();
  }

  /** A card is under this view, where it can be neither seen nor answered. */
  #drawWaiting() {
    if (!store.state.waiting_elsewhere.size) return this.waits.hide();
    const act = () => this.dialog.close();
    this.waits.show("warn", S.decision_waits, { label: S.show_it, act });
  }

  #drawProblem() {
    const { settings_error } = store.state;
    if (!settings_error) return this.problem.hide();
    const message = `${S.settings_unknown} ${settings_error.message}`;
    this.problem.showError({ ...settings_error, message }, () => readSettings(), S.try_again);
  }
}
customElements.define("privacy-view", PrivacyView);
