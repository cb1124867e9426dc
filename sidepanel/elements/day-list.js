/** Entries under the day they belong to, newest first; many are shown in steps. */
import { h, redraw } from "../dom.js";
import { dayOf } from "../format.js";
import { S } from "../strings.js";

const STEP = 100;

/** @template {{at_ms: number}} E */
export class DayList {
  limit = STEP;
  /** @type {E[]} */
  entries = [];
  element = h("div", { class: "days" });

  /** @param {(entry: E) => HTMLElement} row makes a list item */
  constructor(row) {
    this.row = row;
  }

  /** @param {E[]} entries @param {HTMLElement} [fallback] gets the focus when its row went */
  show(entries, fallback) {
    this.entries = entries;
    redraw(this.element, () => this.#parts(fallback), fallback);
  }

  /** @param {HTMLElement} [fallback] */
  #parts(fallback) {
    const sorted = [...this.entries].sort((a, b) => b.at_ms - a.at_ms);
    /** @type {Map<string, HTMLElement[]>} */
    const days = new Map();
    for (const entry of sorted.slice(0, this.limit)) {
      const day = dayOf(entry.at_ms);
      days.set(day, [...(days.get(day) ?? []), this.row(entry)]);
    }
    const parts = [...days].map(([day, rows]) =>
      h("section", {}, h("h3", {}, day), h("ul", { "aria-label": day }, ...rows)),
    );
    const rest = sorted.length - this.limit;
    if (rest <= 0) return parts;
    const more = () => {
      this.limit += STEP * 5;
      this.show(this.entries, fallback);
    };
    const props = { type: "button", "data-focus": "more", onclick: more };
    return [...parts, h("button", props, S.more_entries(rest))];
  }
}
