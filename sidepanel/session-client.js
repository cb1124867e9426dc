/**
 * The panel's connection to the assistant, and the only file that opens the port. It attaches with what it has,
 * gets what it missed, and applies each event exactly once, in order of `seq`.
 * @import { AttachResult, Requests, TurnEvent } from "../shared/contract.js"
 * @import { Channel } from "../shared/bus.js"
 * @import { Store } from "./store.js"
 */
import { connect, request } from "../shared/bus.js";
import { problem, toErrorData } from "../shared/errors.js";
import { isNotice, onNotice } from "./incoming.js";
import { dropDraft } from "./memory.js";
import { applyAttach } from "./restore.js";
import { S } from "./strings.js";
import { foldEvent } from "./turn-view.js";
import { afterAttach, afterEvents, isSame } from "./waiting.js";
import { ANSWER_LIMIT_S, within } from "./within.js";

const BACKOFF_MS = [100, 300, 1000, 2000, 5000];
/** A missing event that two attaches did not bring will not come: then the answer is read anew. */
const GAP_LIMIT = 2;

export class SessionClient {
  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    /** @type {Channel | null} */
    this.channel = null;
    /** @type {Promise<void> | null} */
    this.opening = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.retry_timer = undefined;
    this.failures = 0;
    this.gaps = 0;
    this.attaching = 0;
    /** The newest attach, whatever came of it: what is asked before it ended knows no history. */
    this.attached = Promise.resolve();
    onNotice("panel.conversations_changed", () => this.onConversationsChanged());
    this.onConversationsChanged = () => {};
    this.onDecisionsChanged = () => {};
    this.onLedgerChanged = () => {};
  }

  /** Connected and attached; shared by all who ask at once. @returns {Promise<void>} */
  open() {
    if (this.channel && !this.opening) return Promise.resolve();
    this.opening ??= this.#open().finally(() => {
      this.opening = null;
    });
    return this.opening;
  }

  async #open() {
    clearTimeout(this.retry_timer);
    if (this.store.state.link !== "connecting") this.store.set({ link: "connecting" });
    try {
      await within(request({ type: "background.ensure_offscreen" }), ANSWER_LIMIT_S);
      const channel = connect("assistant");
      this.channel = channel;
      channel.onNotify((body) => this.#notified(body));
      channel.onClose(() => this.#closed(channel));
      await this.attach();
      this.failures = 0;
      this.store.set({ link: "open", link_error: null });
    } catch (error) {
      const failed = this.channel;
      this.channel = null;
      failed?.close();
      this.#retryLater(error);
      throw error;
    }
  }

  /** @param {Channel} channel */
  #closed(channel) {
    if (this.channel !== channel) return;
    this.channel = null;
    if (!this.opening) this.#retryLater(null);
  }

  /** @param {unknown} error */
  #retryLater(error) {
    const wait_ms = BACKOFF_MS[Math.min(this.failures, BACKOFF_MS.length - 1)];
    this.failures += 1;
    this.store.set({ link: "lost", link_error: error ? toErrorData(error) : null });
    this.retry_timer = setTimeout(() => this.reconnect(), wait_ms);
  }

  /** Try now. Failing again shows in the store and is tried later. */
  reconnect() {
    this.open().catch(() => {});
  }

  /**
   * A request to the assistant; connects first when needed.
   * @template {keyof Requests} K
   * @param {Requests[K]["request"] & {type: K}} body @param {number} [limit_s]
   * @returns {Promise<Requests[K]["result"]>}
   */
  async request(body, limit_s = ANSWER_LIMIT_S) {
    await this.open();
    if (!this.channel) throw problem("not_connected", S.not_connected, S.not_connected_hint, true);
    // The two signatures differ only in how the table is written; tsc cannot see through the mapped key.
    return /** @type {any} */ (this.channel).request(body, { timeout_s: limit_s });
  }

  /** Ask for the open conversation's events after the last one seen. @param {boolean} [anew] from the start */
  attach(anew = false) {
    if (!this.channel) return this.open();
    const attach = this.#attach(this.channel, anew);
    this.attached = attach.catch(() => {});
    return attach;
  }

  /** @param {Channel} channel @param {boolean} anew */
  async #attach(channel, anew) {
    const { conversation_id, live } = this.store.state;
    const turn = anew || !live?.sent ? null : live;
    const mine = ++this.attaching;
    // The user may have opened another conversation meanwhile; its own attach counts.
    const counts = () =>
      mine === this.attaching && conversation_id === this.store.state.conversation_id;
    try {
      /** @type {AttachResult} */
      const result = await channel.request(
        {
          type: "offscreen.attach",
          conversation_id,
          turn_id: turn?.turn_id ?? null,
          last_seq: turn?.last_seq ?? -1,
        },
        { timeout_s: ANSWER_LIMIT_S },
      );
      this.#setWaiting(afterAttach(this.store.state.waiting_elsewhere, conversation_id, result));
      if (counts()) applyAttach(this.store, result, turn, (events) => this.#take(events));
      this.#lookElsewhere(channel, result);
    } catch (error) {
      const open_error = toErrorData(error);
      const { is_new, messages } = this.store.state;
      // An empty panel must not look like a new chat. A lost connection is tried again by itself.
      if (counts() && !is_new && !messages.length && open_error.code !== "disconnected") {
        this.store.set({ open_error });
      }
      throw error;
    }
  }

  /** @param {boolean} anew */
  #reattach(anew) {
    this.attach(anew).catch((error) => {
      const channel = this.channel;
      if (channel) channel.close();
      else this.#retryLater(error);
    });
  }

  /** @param {unknown} message */
  #notified(message) {
    const { store } = this;
    if (!isNotice(message)) return;
    if (message.type === "panel.app_state") store.set({ app: message.app });
    else if (message.type === "panel.conversations_changed") this.onConversationsChanged();
    else if (message.type === "panel.decisions_changed") this.onDecisionsChanged();
    else if (message.type === "panel.ledger_changed") this.onLedgerChanged();
    else if (message.type === "panel.turn_events") {
      const { conversation_id, events } = message;
      this.#setWaiting(afterEvents(store.state.waiting_elsewhere, conversation_id, events));
      if (message.conversation_id !== store.state.conversation_id) return;
      if (store.state.live?.turn_id === message.turn_id) this.#take(message.events);
      // A finished turn's late batch is nothing new; an unknown turn was started by another window.
      else if (!this.#shows(message.turn_id)) this.#reattach(true);
    }
  }

  /** @param {string} turn_id */
  #shows(turn_id) {
    return this.store.state.messages.some(
      (view) =>
        view.role === "assistant" && view.turn_id === turn_id && view.error?.code !== "not_sent",
    );
  }

  /** Apply what is next; skip what is known; ask again for what is missing. @param {TurnEvent[]} events */
  #take(events) {
    const { store } = this;
    const { live } = store.state;
    if (!live) return;
    const at = store.state.messages.indexOf(live.view);
    const user = at > 0 ? store.state.messages[at - 1] : undefined;
    const contexts = user?.context.length;
    const accepted = live.accepted;
    for (const { turn_id, seq, event } of events) {
      if (turn_id !== live.turn_id || seq <= live.last_seq) continue;
      if (seq > live.last_seq + 1 && this.gaps < GAP_LIMIT) {
        this.gaps += 1;
        this.#reattach(this.gaps === GAP_LIMIT);
        break;
      }
      live.last_seq = seq;
      live.accepted = true;
      foldEvent(live.view, event, user);
      if (event.type === "turn.finished") {
        this.gaps = 0;
        store.set({ live: null });
      }
    }
    if (user && live.accepted && !accepted) dropDraft(store.state.conversation_id, user.text);
    store.touch(live.view);
    if (user && (user.context.length !== contexts || !accepted)) store.touch(user);
  }

  /** @param {import("./waiting.js").Waiting} waiting */
  #setWaiting(waiting) {
    if (!isSame(waiting, this.store.state.waiting_elsewhere)) {
      this.store.set({ waiting_elsewhere: waiting });
    }
  }

  /**
   * The running turn of another conversation may have asked before this panel was there to hear it.
   * @param {Channel} channel @param {AttachResult} result
   */
  async #lookElsewhere(channel, { app }) {
    const [first] = app.active_turns;
    if (!first || first.conversation_id === this.store.state.conversation_id) return;
    const { conversation_id, turn_id, last_seq } = first;
    try {
      /** @type {AttachResult} */
      const result = await channel.request(
        { type: "offscreen.attach", conversation_id, turn_id, last_seq },
        { timeout_s: ANSWER_LIMIT_S },
      );
      this.#setWaiting(afterAttach(this.store.state.waiting_elsewhere, conversation_id, result));
    } catch {
      // A lost connection is told where it matters; the next attach looks again.
    }
  }
}
