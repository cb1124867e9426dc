/**
 * Runs before every script of a page: reports what was executed, and what stands in the document that no text may
 * put there. `xss.found` collects {kind, what, where, during}; text that is shown otherwise than written is the
 * business of paths.js.
 */
(() => {
  if (window !== window.top) return; // a frame is reported by its element, its scripts by what they do to the top

  const found = [];
  const xss = { found, report, inspect, sweep, during: "", watching: false };
  // Neither a text's script nor a named element can take the place of either.
  Object.defineProperty(window, "xss", { value: xss });
  Object.defineProperty(window, "__xss", { get: () => undefined, set: () => report("executed") });

  /** Where each text is shown, the inner places first. */
  const PLACES = {
    card: "approval-card",
    tool: "tool-row",
    thinking: ".thinking",
    answer: ".md",
    "context label": ".chips",
    question: "message-bubble.user",
    stage: "stage-line",
    error: ".items ~ panel-notice",
    notice: ".items panel-notice",
    "name in the list": "conversation-list",
    "name in the header": "header.top",
    chip: "page-chip",
    models: "model-picker",
    privacy: "privacy-view",
    "link dialog": "link-ask",
    state: "state-line",
    "not opened": "empty-state",
    announcer: "#announcer",
  };

  function placeOf(node) {
    const element = node instanceof Element ? node : node?.parentElement;
    if (!element?.closest) return "";
    return Object.keys(PLACES).find((name) => element.closest(PLACES[name])) ?? "elsewhere";
  }

  function report(kind, what = "", node = null) {
    if (found.length < 5000) {
      found.push({ kind, what: what.slice(0, 160), where: placeOf(node), during: xss.during });
    }
  }

  for (const name of ["alert", "confirm", "prompt"]) {
    const real = window[name];
    window[name] = (...given) => {
      report("called", name);
      return real.apply(window, given);
    };
  }
  document.addEventListener("securitypolicyviolation", (event) =>
    report("policy", `${event.effectiveDirective} ${event.blockedURI}`, event.target),
  );

  // -- what may stand in the document

  const words = (text) => new Set(text.split(/\s+/));
  /** In Markdown: nothing but this, the renderer's own frame of a code block included. */
  const MARKDOWN =
    words(`p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code em strong del a br hr bdi table thead tbody
    tr th td span div figure figcaption button svg path`);
  const MARKDOWN_ATTRIBUTES =
    words(`href start align title target rel dir class tabindex role type viewBox d
    aria-label aria-hidden data-copy-code`);
  const MARKDOWN_CLASS = /^(?:md|open|code|table|literal|image|quiet|icon|icon-copy| )*$/;
  /** Elsewhere: what the panel has no use for. A custom element must be one of its own. */
  const FORBIDDEN =
    words(`script iframe frame frameset object embed applet portal fencedframe webview link meta base
    title style template slot noscript img image picture source video audio track map area math form canvas marquee
    xmp plaintext listing noembed bgsound isindex keygen layer font bdo html head body`);
  const NAMESPACES = { svg: "http://www.w3.org/2000/svg", path: "http://www.w3.org/2000/svg" };
  const XHTML = "http://www.w3.org/1999/xhtml";
  const ADDRESS =
    /(?:^|:)(?:src|href|action|formaction|data|srcdoc|srcset|imagesrcset|poster|ping|background|cite|manifest)$/;

  function inspectAttribute(element, name, value, in_markdown) {
    const tell = (kind) => report(kind, `<${element.localName} ${name}="${value}">`, element);
    if (name.startsWith("on")) return tell("handler");
    if (name === "style" && (in_markdown || /url|image-set|expression|position/i.test(value)))
      tell("style");
    else if (in_markdown && (name === "id" || name === "name")) tell("clobber");
    else if (in_markdown && name === "class" && !MARKDOWN_CLASS.test(value)) tell("disguise");
    else if (ADDRESS.test(name)) {
      if (name !== "href" || element.localName !== "a" || !/^(?:https?|mailto):/.test(value))
        tell("address");
      else if (element.target !== "_blank" || !element.relList.contains("noopener")) tell("opener");
      else if (element.title !== value) tell("untold");
    } else if (in_markdown && !MARKDOWN_ATTRIBUTES.has(name)) tell("attribute");
  }

  function inspectElement(element) {
    const { localName: tag, namespaceURI } = element;
    const in_markdown = Boolean(element.closest(".md"));
    const foreign = tag.includes("-") && !customElements.get(tag);
    const known = in_markdown ? MARKDOWN.has(tag) : !FORBIDDEN.has(tag) && !foreign;
    if (!known || namespaceURI !== (NAMESPACES[tag] ?? XHTML)) {
      report("element", `${tag} ${element.outerHTML}`, element);
    }
    // Read without the element: a form's fields may hide its own properties.
    for (const { name, value } of Array.from(attributesOf.call(element))) {
      inspectAttribute(element, name, value, in_markdown);
    }
    if (element.shadowRoot) inspect(element.shadowRoot);
    if (element instanceof HTMLTemplateElement) inspect(element.content);
  }
  const attributesOf = Object.getOwnPropertyDescriptor(Element.prototype, "attributes").get;

  /** A subtree, with templates and shadow roots. */
  function inspect(root) {
    if (root instanceof Element) inspectElement(root);
    for (const element of root.querySelectorAll?.("*") ?? []) inspectElement(element);
  }

  /** Everything but what index.html brought along. */
  function sweep() {
    for (const element of document.querySelectorAll("*"))
      if (!own.has(element)) inspectElement(element);
  }

  let own = new Set();
  // What came and went between two looks is seen as well.
  const observer = new MutationObserver((records) => {
    for (const { type, target, addedNodes, attributeName } of records) {
      for (const node of addedNodes) inspect(node);
      if (type !== "attributes" || !target.hasAttribute(attributeName)) continue;
      const value = target.getAttribute(attributeName);
      inspectAttribute(target, attributeName, value, Boolean(target.closest(".md")));
    }
  });
  /** From now on; what is there already is the panel's. */
  xss.watch = () => {
    own = new Set(document.querySelectorAll("*"));
    observer.observe(document, { subtree: true, childList: true, attributes: true });
  };
})();
