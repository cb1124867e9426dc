/**
 * The events of one turn, numbered without gaps. Panels get batches; storage gets a draft twice a second.
 * The journal lives as long as this document: after a crash the draft is what remains of an answer.
 * @import { StoredMessage, TurnEvent, TurnEventBody } from "../shared/contract.js"
 */
import { foldEvent } from "../shared/turn-fold.js";

const BATCH_MS = 16;
const DRAFT_MS = 500;

export class Journal {
  /**
   * @param {string} turn_id @param {StoredMessage} message the answer, folded from the events
   * @param {(events: TurnEvent[]) => void} push @param {(message: StoredMessage, final: boolean) => Promise<void>} save
   */
  constructor(turn_id, message, push, save) {
    this.turn_id = turn_id;
    this.message = message;
    this.finished = false;
    /** @type {TurnEvent[]} */
    this.events = [];
    this.pushed = 0;
    this.push = push;
    this.save = save;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.batch_timer = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.draft_timer = undefined;
    this.pushed_at_ms = 0;
  }

  /** @param {TurnEventBody} event */
  add(event) {
    if (this.finished) return; // a late token of a stopped turn is nobody's
    this.events.push({ turn_id: this.turn_id, seq: this.events.length, event });
    foldEvent(this.message, event);
    if (event.type === "turn.finished") {
      this.finished = true;
      clearTimeout(this.draft_timer);
      // The end is told after it is stored; when it cannot be stored, it is told all the same.
      this.saved = this.save(this.message, true)
        .catch((error) => this.#unsaved(error))
        .then(() => this.flush());
      return;
    }
    this.draft_timer ??= setTimeout(() => {
      this.draft_timer = undefined;
      // A missed draft is made up for by the next one, or by the end.
      if (!this.finished) this.save(this.message, false).catch(() => {});
    }, DRAFT_MS);
    // The first event of a quiet stretch goes at once, with those told in the same breath: it is the one the user waits
    // for.
    const wait_ms = this.pushed_at_ms + BATCH_MS - performance.now();
    if (wait_ms <= 0) queueMicrotask(() => this.flush());
    else this.batch_timer ??= setTimeout(() => this.flush(), wait_ms);
  }

  /** The answer is shown but will be gone after a restart: that is said with it. @param {unknown} error */
  #unsaved(error) {
    const end = this.events.pop();
    const notice = /** @type {TurnEventBody} */ ({
      type: "turn.notice",
      code: "storage_failed",
      message: `This answer could not be stored (${error instanceof Error ? error.message : error}). Copy it if you need it, and free some disk space.`,
    });
    const seq = this.events.length;
    this.events.push({ turn_id: this.turn_id, seq, event: notice });
    foldEvent(this.message, notice);
    if (end) this.events.push({ ...end, seq: seq + 1 });
  }

  flush() {
    clearTimeout(this.batch_timer);
    this.batch_timer = undefined;
    this.pushed_at_ms = performance.now();
    const events = this.after(this.pushed - 1);
    this.pushed = this.events.length;
    if (events.length) this.push(events);
  }

  /** Events with a seq above `seq`. @param {number} seq */
  after(seq) {
    return this.events.slice(seq + 1);
  }
}
