/** The renderer alone, for tests: window.md. */
import { completeSentences } from "../../../sidepanel/announcer.js";
import { blocksOf, renderBlock } from "../../../sidepanel/markdown.js";
import { segments } from "../../../sidepanel/markdown-limits.js";
import { MarkdownStream } from "../../../sidepanel/markdown-stream.js";

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

function holder() {
  document.body.replaceChildren();
  const root = document.createElement("div");
  root.className = "md";
  document.body.append(root);
  return root;
}

globalThis.md = {
  blocksOf,
  renderBlock,
  segments,
  completeSentences,
  MarkdownStream,
  frame,
  holder,
  /** Render at once. */
  whole(text) {
    const root = holder();
    new MarkdownStream(root).render(text, true);
    return root;
  },
  /** Render growing text, `sizes` characters at a time, round and round. */
  grown(text, sizes) {
    const root = holder();
    const stream = new MarkdownStream(root);
    for (let at = 0, i = 0; at < text.length; i++) {
      at += sizes[i % sizes.length];
      stream.render(text.slice(0, at), at >= text.length);
    }
    return root;
  },
};
