/**
 * What the files of paths share, as `xss.hands`: waiting, looking, comparing, touching. Text that is not shown exactly
 * as written is reported as "altered", text that does not appear as "lost". Runs after detect.js.
 */
(() => {
  if (window !== window.top) return;

  // Thousands of frames and answers are waited for: they come at once, and only what each batch comes to is drawn.
  const real_timeout = window.setTimeout.bind(window);
  const real_frame = window.requestAnimationFrame.bind(window);
  const now = (job) => {
    queueMicrotask(job);
    return -1;
  };
  window.requestAnimationFrame = (job) => now(() => job(performance.now()));
  window.setTimeout = (job, ms = 0, ...given) =>
    ms <= 1 ? now(job) : real_timeout(job, ms, ...given);

  const hidden = new CSSStyleSheet();
  hidden.replaceSync("body { display: none !important }");
  document.addEventListener("DOMContentLoaded", () => {
    document.adoptedStyleSheets = [hidden];
  });
  const drawn = (yes) => {
    hidden.disabled = yes;
  };

  const $ = (selector, root = document) => root?.querySelector(selector) ?? null;
  const all = (selector, root = document) => [...(root?.querySelectorAll(selector) ?? [])];
  /** Whatever is due at once has been done, a frame in a frame included. */
  async function turn() {
    for (let i = 0; i < 6; i++) await null;
  }
  async function frames(count) {
    for (let i = 0; i < count; i++) await new Promise((done) => real_frame(done));
  }

  /** Until `look` gives something true; false when it never does. */
  async function until(look, what) {
    for (let i = 0; i < 80; i++) {
      const seen = look();
      if (seen) return seen;
      if (i < 40) await turn();
      else await new Promise((done) => real_timeout(done, 5));
    }
    xss.report("lost", what);
    return false;
  }

  /** What has no look is told by its code in some places. */
  const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]/u;
  const plain = (text) =>
    text?.replace(/\\u(?:\{([\da-f]+)\}|([\da-f]{4}))/g, (code, long, short) => {
      const unit = String.fromCodePoint(Number.parseInt(long ?? short, 16));
      return UNSEEN.test(unit) ? unit : code;
    });
  const isSame = (shown, text) => shown === text || plain(shown) === plain(text);
  function same(shown, text, what) {
    if (!isSame(shown, text)) xss.report("altered", `${what}: ${JSON.stringify(shown)}`);
  }
  /** The arguments shown as JSON. */
  function sameArguments(pre, text) {
    const json = (pre?.textContent || "{}").replace(/\\u\{[\da-f]+\}/g, plain);
    try {
      same(JSON.parse(json)[text], text, "arguments");
    } catch {
      xss.report("altered", `arguments: ${json}`);
    }
  }
  const shows = (selector, text, what = selector) =>
    until(
      () => all(selector).some((one) => isSame(one.textContent, text)),
      `${what} does not show the text`,
    );
  const ends = (selector, text) =>
    until(
      () => all(selector).some((one) => plain(one.textContent).endsWith(plain(text))),
      selector,
    );

  /** Draw it, and do to what the texts became whatever a person might. */
  async function touch(...roots) {
    drawn(true);
    for (const root of roots) for (const fold of all("details", root)) fold.open = true;
    await frames(2);
    for (const element of roots.flatMap((root) => all("*", root))) {
      for (const type of ["mouseover", "mouseenter", "pointerenter", "pointerdown", "keydown"]) {
        element.dispatchEvent(new Event(type));
      }
      if (element.matches("a[href]")) {
        // Unlike a click, this opens nothing where a link is followed at once.
        element.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true }));
        $("link-ask dialog")?.close();
      }
      if (element.closest("button, summary, pre, svg.icon, a[href^='http'], a[href^='mailto:']"))
        continue;
      if (element.tabIndex >= 0) element.focus();
      element.click?.();
      element.submit?.();
    }
    await frames(1);
    drawn(false);
  }

  const trouble = (text) => ({ code: "broken", message: text, hint: text, retryable: true });

  xss.hands = {
    $,
    all,
    turn,
    until,
    plain,
    isSame,
    same,
    sameArguments,
    shows,
    ends,
    touch,
    trouble,
  };
})();
