/** What dom.js must never do: text is taken for markup. For the control of the detectors alone. */
import { h as careful } from "../../../sidepanel/dom.js";

export * from "../../../sidepanel/dom.js";

export function h(tag, props = {}, ...children) {
  const element = careful(tag, props);
  for (const child of children.filter(Boolean)) {
    if (typeof child === "string") element.insertAdjacentHTML("beforeend", child);
    else element.append(child);
  }
  return element;
}

export function setText(node, text) {
  node.innerHTML = text;
}
