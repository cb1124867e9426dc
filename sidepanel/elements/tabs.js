/** Tabs: arrows, Home and End move; one panel is shown. */
import { h } from "../dom.js";

/**
 * @param {string} label of the tab list
 * @param {Array<{id: string, label: string, content: HTMLElement}>} tabs
 * @param {(id: string) => void} shown called with the tab that is shown now
 */
export function makeTabs(label, tabs, shown) {
  const list = h("div", { class: "tabs", role: "tablist", "aria-label": label });
  const buttons = tabs.map(({ id, label: name }) =>
    h(
      "button",
      { type: "button", role: "tab", id: `tab-${id}`, "aria-controls": `panel-${id}` },
      name,
    ),
  );
  const panels = tabs.map(({ id, content }) =>
    h(
      "div",
      {
        role: "tabpanel",
        tabindex: "0",
        id: `panel-${id}`,
        "aria-labelledby": `tab-${id}`,
        class: "tab-panel",
      },
      content,
    ),
  );
  /** @param {number} at @param {boolean} [focus] */
  const show = (at, focus = false) => {
    for (const [i, button] of buttons.entries()) {
      button.setAttribute("aria-selected", String(i === at));
      button.tabIndex = i === at ? 0 : -1;
      /** @type {HTMLElement} */ (panels[i]).hidden = i !== at;
    }
    if (focus) buttons[at]?.focus();
    shown(tabs[at]?.id ?? "");
  };
  for (const [i, button] of buttons.entries()) {
    button.addEventListener("click", () => show(i));
    button.addEventListener("keydown", (event) => {
      const last = buttons.length - 1;
      const steps = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: last };
      const to = steps[/** @type {keyof typeof steps} */ (event.key)];
      if (to === undefined) return;
      event.preventDefault();
      show((to + buttons.length) % buttons.length, true);
    });
  }
  list.append(...buttons);
  return { list, panels, show };
}
