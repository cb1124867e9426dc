/** Building elements without markup strings: text is always text. */

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, unknown>} [props] attributes; `on*` functions become listeners, booleans toggle
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on") && typeof value === "function") {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(.../** @type {Array<Node | string>} */ (children.filter(Boolean)));
  return element;
}

/** The one element that must be there. @param {ParentNode} root @param {string} selector @returns {HTMLElement} */
export function $(root, selector) {
  const found = root.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`missing element ${selector}`);
  return found;
}

/** Set text only when it differs: an equal write would still drop a selection and be announced. */
export function setText(/** @type {Node} */ node, /** @type {string} */ text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Replace the children; the focus goes to the new one with the same `data-focus`, or else to `fallback`.
 * @param {HTMLElement} holder @param {() => Child[]} make may move old children, which lose the focus by that
 * @param {HTMLElement} [fallback]
 */
export function redraw(holder, make, fallback) {
  const active = holder.contains(document.activeElement) ? document.activeElement : null;
  const key = active?.getAttribute("data-focus");
  holder.replaceChildren(.../** @type {Array<Node | string>} */ (make().filter(Boolean)));
  if (!active) return;
  const marked = [...holder.querySelectorAll("[data-focus]")];
  const again = marked.find(
    (one) => one.getAttribute("data-focus") === key && one.checkVisibility(),
  );
  const to = again ?? fallback;
  if (to instanceof HTMLElement) to.focus();
}

/**
 * A button that is disabled or hidden under the focus gives it to the page; this takes it back.
 * @param {Element | null} [to]
 */
export function keepFocus(to) {
  const active = document.activeElement;
  const lost = !active || active === document.body || !active.checkVisibility();
  if (lost && to instanceof HTMLElement) to.focus();
}

/** @type {Map<object, () => void>} */
const due = new Map();
let scheduled = false;

function run() {
  scheduled = false;
  const jobs = [...due.values()];
  due.clear();
  for (const job of jobs) job();
}

/** Run `job` once in the next frame, however often it is asked for under this key. */
export function onceAFrame(/** @type {object} */ key, /** @type {() => void} */ job) {
  due.set(key, job);
  if (scheduled) return;
  scheduled = true;
  // A hidden panel gets no frames, but a test or a screen reader may still read it.
  if (document.hidden) setTimeout(run, 100);
  else requestAnimationFrame(run);
}
