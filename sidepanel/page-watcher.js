/**
 * What the page chip knows: the state of this window's tab, the choice to attach it, and this site's permission.
 * @import { ContextRef, PageState } from "../shared/contract.js"
 * @import { Store } from "./store.js"
 */
import { browser, request } from "../shared/bus.js";
import { toErrorData } from "../shared/errors.js";
import { onNotice } from "./incoming.js";
import { writeChoice } from "./memory.js";
import { S } from "./strings.js";

export class PageWatcher {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    this.asked = 0;
    onNotice("panel.page_changed", ({ window_id }) => {
      if (window_id === store.state.window_id) this.refresh();
    });
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.refresh();
    });
  }

  /** Ask for the tab's state; the answer to the newest question counts. @returns {Promise<void>} */
  async refresh() {
    const { window_id, choice } = this.store.state;
    if (window_id === null) return;
    const mine = ++this.asked;
    /** @type {PageState} */
    let page;
    try {
      page = await request({
        type: "background.page_state",
        window_id,
        read_document_id: choice.read_document_id,
      });
    } catch (error) {
      const { message, hint } = toErrorData(error);
      page = { state: "unreadable", reason: message, hint, title: S.page_unknown, host: "" };
    }
    if (mine === this.asked) this.store.set({ page });
  }

  /** @param {boolean} on */
  setAttached(on) {
    const page = this.store.readablePage;
    if (!on) this.store.set({ reading: null });
    const choice = { ...this.store.state.choice, on: on && page !== null };
    if (choice.on) choice.origin = page?.origin ?? null;
    this.store.set({ choice });
    writeChoice(this.store.state.conversation_id, choice);
  }

  /** The page as a reference for the next message. @returns {ContextRef[]} */
  refs() {
    const page = this.store.readablePage;
    const { reading } = this.store;
    if (reading)
      return [
        {
          kind: reading.block.kind === "selection" ? "selection" : "page",
          page,
          block: reading.block,
        },
      ];
    return page ? [{ kind: "page", page, block: null }] : [];
  }

  /** Remember what was read, so that "changed since it was read" can be told. @param {ContextRef[]} refs */
  markRead(refs) {
    const read = refs.find((ref) => ref.kind === "page")?.page?.document_id;
    if (!read) return;
    const choice = { ...this.store.state.choice, read_document_id: read };
    this.store.set({ choice });
    writeChoice(this.store.state.conversation_id, choice);
    this.refresh();
  }

  /** The site's match pattern, or null when the tab does not tell its site. */
  originPattern() {
    const { page } = this.store.state;
    const origin = page?.page?.origin;
    if (origin && /^https?:\/\//.test(origin)) return `${origin}/*`;
    return page?.host ? `*://${page.host}/*` : null;
  }

  /**
   * Must be called straight from the click: after any await the browser sees no gesture and refuses.
   * @returns {Promise<boolean>} granted
   */
  requestSite() {
    const pattern = this.originPattern();
    if (!pattern) return Promise.resolve(false);
    const asked = browser.permissions.request({ origins: [pattern] });
    return asked.finally(() => this.refresh());
  }
}
