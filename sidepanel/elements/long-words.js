/** What the user wrote; more than twelve lines of it are folded. */
import { h, setText } from "../dom.js";
import { S } from "../strings.js";

/** @param {string} text @returns {HTMLElement[]} */
export function longWords(text) {
  const words = h("div", { class: "words folded", tabindex: "-1" }, text);
  const more = h("button", {
    type: "button",
    class: "small",
    hidden: true,
    onclick: () => {
      words.classList.toggle("folded");
      draw();
    },
  });
  function draw() {
    const folded = words.classList.contains("folded");
    if (folded) more.hidden = words.scrollHeight <= words.clientHeight + 1;
    words.classList.toggle("cut", folded && !more.hidden);
    setText(more, more.hidden ? "" : folded ? S.show_all : S.show_less);
    more.setAttribute("aria-expanded", String(!folded));
  }
  // What fits depends on the width, which the user changes.
  new ResizeObserver(draw).observe(words);
  return [words, more];
}
