/**
 * Markdown that grows. Finished blocks are never touched again, so a selection in them survives; the open block
 * is patched in place. Rendered once per frame, and less often when a frame costs much.
 */
import { onceAFrame } from "./dom.js";
import { blocksOf, renderBlock } from "./markdown.js";

/** The start of a block that may yet belong to the one before: "2" may become "2." and go on with a list. */
const UNDECIDED = /^[ \t]{0,3}(?:\d{1,9}[.)]?|[-*+_=|:>#`~]{1,3})?[ \t]*$/;
const DEAR_MS = 8;
const isDefinition = (/** @type {import("./markdown.js").Block} */ block) =>
  block.token?.type === "def";

/** Make `old` equal to `fresh`, keeping its nodes where they are alike. Returns the node now in place. */
export function patch(/** @type {Node} */ old, /** @type {Node} */ fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) {
    old.parentNode?.replaceChild(fresh, old);
    return fresh;
  }
  if (old instanceof Text && fresh instanceof Text) {
    if (old.data === fresh.data) return old;
    // Replacing only what differs leaves a selection before it where it is.
    let same = 0;
    while (same < old.length && old.data[same] === fresh.data[same]) same++;
    old.replaceData(same, old.length - same, fresh.data.slice(same));
    return old;
  }
  if (old instanceof Element && fresh instanceof Element) {
    for (const { name } of [...old.attributes])
      if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    const after = [...fresh.childNodes];
    const before = [...old.childNodes];
    for (const [i, node] of after.entries()) {
      const twin = before[i];
      if (twin) patch(twin, node);
      else old.appendChild(node);
    }
    for (const extra of before.slice(after.length)) extra.remove();
  }
  return old;
}

export class MarkdownStream {
  source = "";
  done_chars = 0;
  /** @type {Record<string, any>} reference definitions in finished blocks; a growing one is not kept */
  links = Object.create(null);
  /** @type {HTMLElement[]} elements after the finished ones */
  open = [];
  wanted = "";
  wanted_done = false;
  not_before_ms = 0;

  /** @param {HTMLElement} root emptied and owned by this object */
  constructor(root) {
    this.root = root;
    root.replaceChildren();
  }

  #clear() {
    this.root.replaceChildren();
    this.source = "";
    this.done_chars = 0;
    this.links = Object.create(null);
    this.open = [];
  }

  /** Show this text in the next frame. @param {string} text all of it @param {boolean} done nothing will follow */
  set(text, done) {
    if (text === this.wanted && done === this.wanted_done) return;
    this.wanted = text;
    this.wanted_done = done;
    onceAFrame(this, () => this.#frame());
  }

  #frame() {
    const now_ms = performance.now();
    if (now_ms < this.not_before_ms && !this.wanted_done) {
      setTimeout(() => onceAFrame(this, () => this.#frame()), this.not_before_ms - now_ms);
      return;
    }
    this.render(this.wanted, this.wanted_done);
    const spent_ms = performance.now() - now_ms;
    this.not_before_ms = spent_ms > DEAR_MS ? performance.now() + 8 * spent_ms : 0;
  }

  /** @param {string} text @param {boolean} done */
  render(text, done) {
    const source = text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
    if (!source.startsWith(this.source)) this.#clear();
    let tail = source.slice(this.done_chars);
    let blocks = blocksOf(tail, this.links);
    if (done && this.done_chars && (blocks.some(isDefinition) || Object.keys(this.links).length)) {
      // A reference may be defined after its use: finished blocks could not know of it.
      this.open = /** @type {HTMLElement[]} */ ([...this.root.children]);
      this.done_chars = 0;
      this.links = Object.create(null);
      tail = source;
      blocks = blocksOf(tail);
    }
    this.source = source;
    const final = done ? blocks.length : this.#finished(blocks, tail);
    let at = 0;
    for (const [i, block] of blocks.entries()) {
      if (block.token?.type === "space" || isDefinition(block)) continue;
      const fresh = renderBlock(block);
      const old = this.open[at];
      if (old) this.open[at] = /** @type {HTMLElement} */ (patch(old, fresh));
      else {
        this.open.push(fresh);
        this.root.append(fresh);
      }
      at += 1;
      if (i < final) {
        this.open.shift();
        at -= 1;
      }
    }
    for (const extra of this.open.splice(at)) extra.remove();
    for (const { raw, token } of blocks.slice(0, final)) {
      this.done_chars += raw.length;
      if (token?.type === "def")
        this.links[/** @type {any} */ (token).tag] ??= { href: token.href, title: token.title };
    }
  }

  /** How many blocks at the front no further text can change. @param {import("./markdown.js").Block[]} blocks */
  #finished(blocks, /** @type {string} */ tail) {
    let last = blocks.findLastIndex((block) => block.token?.type !== "space");
    if (last < 0) return 0;
    if (UNDECIDED.test(blocks[last]?.raw ?? "")) {
      last = blocks.findLastIndex((block, i) => i < last && block.token?.type !== "space");
    }
    const front = blocks.slice(0, Math.max(0, last));
    // The parser promises that raw parts add up; if it ever breaks that, nothing is final yet.
    const chars = front.reduce((sum, block) => sum + block.raw.length, 0);
    return front.map((block) => block.raw).join("") === tail.slice(0, chars) ? front.length : 0;
  }
}
