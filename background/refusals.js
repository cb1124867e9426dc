/** Why a page cannot be read, in a person's words: from the browser's error text and, where known, the address. */

/** @typedef {"needs_click" | "page_busy" | "page_gone" | "page_changed" | "unreadable"} RefusalCode */
/** @typedef {{code: RefusalCode, reason: string, hint: string}} Refusal */

const OPEN_A_PAGE = "Open a web page, or paste the text into your message.";

/** @type {Array<[RegExp, string, string]>} address, reason, hint */
const ADDRESSES = [
  [
    /^https:\/\/(chromewebstore\.google\.com|chrome\.google\.com\/webstore|microsoftedge\.microsoft\.com\/addons)(\/|$)/,
    "This is the browser's extension store. The browser lets no extension read it.",
    OPEN_A_PAGE,
  ],
  [
    /^view-source:/,
    "This is the browser's source view. Extensions cannot read it.",
    "Open the page itself instead of its source.",
  ],
  [/^chrome-extension:/, "This page belongs to an extension, not to the web.", OPEN_A_PAGE],
  [
    /^(data|blob|javascript|filesystem):/,
    "This page was made inside the browser and has no address of its own. Extensions cannot read it.",
    OPEN_A_PAGE,
  ],
  [
    /^(?!https?:|file:)[a-z-]+:/,
    "This is a page of the browser itself. The browser lets no extension read it.",
    OPEN_A_PAGE,
  ],
];

/** The browser's own texts (Chromium), matched loosely as they are not an interface. */
/** @type {Array<[RegExp, RefusalCode, string, string]>} */
const ERRORS = [
  [
    /extensions gallery/i,
    "unreadable",
    "This is the browser's extension store. The browser lets no extension read it.",
    OPEN_A_PAGE,
  ],
  [
    /chrome:\/\/ URL|chrome-untrusted|devtools/i,
    "unreadable",
    "This is a page of the browser itself. The browser lets no extension read it.",
    OPEN_A_PAGE,
  ],
  [
    /error page/i,
    "unreadable",
    "The page did not load: the browser shows an error page.",
    "Reload the page, then try again.",
  ],
  [
    /ExtensionsSettings policy|blocked by (your )?administrator/i,
    "unreadable",
    "Your organisation's browser policy does not let extensions read this site.",
    "Ask whoever manages this browser.",
  ],
  [
    /chrome-extension:\/\//i,
    "unreadable",
    "This page belongs to an extension, not to the web.",
    OPEN_A_PAGE,
  ],
  [
    /No document with id|document.*(removed|not found)|Frame with ID .* (was removed|is not ready)/i,
    "page_changed",
    "The page changed: the document that was to be read is no longer there.",
    "Ask again to read the page as it is now.",
  ],
  [
    /No tab with id|tab was closed|No frame with id/i,
    "page_gone",
    "The tab was closed.",
    "Open the page again.",
  ],
  [
    /discarded/i,
    "unreadable",
    "The browser put this tab to sleep to save memory.",
    "Reload the tab, then try again.",
  ],
  [
    /in time/i,
    "page_busy",
    "The page does not answer: it shows a dialog, or a script keeps it busy.",
    "Close the page's dialog or wait a moment, then try again.",
  ],
];

/**
 * @param {string} message the browser's error; "" when it gave none
 * @param {string} [url] known only with a grant
 * @returns {Refusal}
 */
export function refusalOf(message, url) {
  const address = url ? ADDRESSES.find(([pattern]) => pattern.test(url)) : undefined;
  if (address) return { code: "unreadable", reason: address[1], hint: address[2] };
  const known = ERRORS.find(([pattern]) => pattern.test(message));
  if (known) return { code: known[1], reason: known[2], hint: known[3] };
  if (/Cannot access/i.test(message)) {
    return { code: "needs_click", reason: "", hint: "" }; // worded by the caller, who knows the shortcut
  }
  return {
    code: "unreadable",
    reason: `The browser did not let Sidelight read this page${message ? `: ${message}` : "."}`,
    hint: "Reload the page, then try again.",
  };
}

/** What a document that answered holds, when it is nothing to read. @returns {Refusal | null} */
export function contentRefusal(
  /** @type {{content_type: string, has_text: boolean, loading: boolean}} */ page,
) {
  const what = page.content_type;
  if (what === "application/pdf") {
    return {
      code: "unreadable",
      reason: "This is a PDF in the browser's own viewer. Extensions cannot read it.",
      hint: "Select the part you need, right-click it and choose “Summarize selection”.",
    };
  }
  const media = /^(image|video|audio)\//.exec(what);
  if (media) {
    return {
      code: "unreadable",
      reason: `This is ${media[1] === "image" ? "an image" : `a file of ${media[1]}`}, not a page with text.`,
      hint: OPEN_A_PAGE,
    };
  }
  if (page.has_text) return null;
  if (page.loading) {
    return {
      code: "unreadable",
      reason: "The page is still loading and shows no text yet.",
      hint: "Wait a moment; this line changes by itself.",
    };
  }
  return {
    code: "unreadable",
    reason:
      "There is no text on this page. It may be drawn as a picture or come from another site.",
    hint: "Open another page, or paste the text into your message.",
  };
}
