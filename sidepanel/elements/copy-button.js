/** A button that copies text and says that it did. */

import { announce } from "../announcer.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { S } from "../strings.js";

const SAID_MS = 1600;

/** @param {HTMLButtonElement} button @param {string} text */
export async function copyWith(button, text) {
  let said = S.copied;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    said = S.copy_failed;
  }
  announce(said);
  const before = [...button.childNodes];
  if (button.dataset.busy) return;
  button.dataset.busy = "yes";
  button.replaceChildren(
    icon(said === S.copied ? "check" : "warn"),
    ...(said === S.copied ? [] : [said]),
  );
  setTimeout(() => {
    button.replaceChildren(...before);
    delete button.dataset.busy;
  }, SAID_MS);
}

/** @param {string} label @param {() => string} text @param {boolean} [worded] show the label */
export function copyButton(label, text, worded = false) {
  /** @type {HTMLButtonElement} */
  const button = h(
    "button",
    { type: "button", class: "quiet", "aria-label": label, title: label },
    icon("copy"),
    worded && label,
  );
  button.addEventListener("click", () => copyWith(button, text()));
  return button;
}
