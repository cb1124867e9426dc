/**
 * The run queue: one engine, one turn at a time. Stores first, then prepares, then lets Python run the turn.
 * @import { ContextBlock, RunTurn, StoredMessage, TurnEventBody } from "../shared/contract.js"
 */
import { BusError, problem, toErrorData } from "../shared/errors.js";
import { newMessage } from "../shared/turn-fold.js";
import { BackgroundWork } from "./background-work.js";
import { resolveContext } from "./context.js";
import { Journal } from "./journal.js";
import { explained, loadModelOf } from "./loading.js";
import { keepRate, readRate } from "./rates.js";

const STOP_LIMIT_MS = 8_000;
const KEEP_FINISHED_MS = 60_000;
/** Told by this document alone: a card's words are not Python's to change. */
const OURS = new Set(["turn.started", "turn.approval_requested", "turn.approval_decided"]);

/** @typedef {{body: RunTurn, journal: Journal, stopped: boolean, in_python: boolean, failed: string[], done: () => void, ended: Promise<void>}} Turn */

export class Turns {
  /** @param {import("./parts.js").Parts} parts */
  constructor(parts) {
    this.parts = parts;
    /** @type {Turn[]} the first one runs, the others wait */
    this.queue = [];
    /** @type {Map<string, Turn>} queued, running, and for a minute finished */
    this.known = new Map();
    this.background = new BackgroundWork(() => this.queue.length === 0);
  }

  /** @param {RunTurn} body */
  async run(body) {
    if (this.known.has(body.turn_id)) {
      throw problem(
        "duplicate_turn",
        "This question was already sent.",
        "Nothing needs to be done.",
      );
    }
    const now_ms = Date.now();
    const common = { conversation_id: body.conversation_id, turn_id: body.turn_id };
    const question = newMessage({
      ...common,
      message_id: crypto.randomUUID(),
      parent_id: body.parent_id,
      role: "user",
      text: body.text,
      status: "complete",
      created_at_ms: now_ms,
    });
    const answer = newMessage({
      ...common,
      message_id: crypto.randomUUID(),
      parent_id: question.message_id,
      model_id: body.model_id,
      created_at_ms: now_ms,
    });
    const journal = new Journal(
      body.turn_id,
      answer,
      (events) => this.parts.push({ type: "panel.turn_events", ...common, events }),
      (message, final) => this.parts.storage.putMessage(message, final),
    );
    let done = () => {};
    const ended = new Promise((resolve) => {
      done = () => resolve(undefined);
    });
    /** @type {Turn} */
    const turn = {
      body,
      journal,
      stopped: false,
      in_python: false,
      failed: [],
      done,
      ended: /** @type {Promise<void>} */ (ended),
    };
    this.known.set(body.turn_id, turn);
    this.background.giveWay();
    try {
      await this.parts.storage.addTurn(question, answer);
    } catch (error) {
      this.known.delete(body.turn_id);
      this.background.next();
      throw problem(
        "storage_failed",
        `Your message could not be saved: ${toErrorData(error).message}`,
        "Free some disk space, then press Retry.",
        true,
      );
    }
    this.parts.push({ type: "panel.conversations_changed" });
    journal.add({
      type: "turn.started",
      conversation_id: body.conversation_id,
      user_message_id: question.message_id,
      assistant_message_id: answer.message_id,
      model_id: body.model_id,
    });
    const place = this.queue.push(turn) - 1;
    if (place === 0) this.next();
    else this.tellPlaces();
    return {
      turn_id: body.turn_id,
      user_message_id: question.message_id,
      assistant_message_id: answer.message_id,
      place,
    };
  }

  tellPlaces() {
    this.queue.forEach(({ journal }, place) => {
      if (place > 0) journal.add({ type: "turn.status", stage: "queued", detail: "", place });
    });
    this.parts.pushState();
  }

  async next() {
    const turn = this.queue[0];
    if (!turn) return this.background.next();
    this.parts.pushState();
    // A stopped turn does not wait for the load or the page that it no longer needs.
    await Promise.race([this.execute(turn), turn.ended]).catch((error) => this.fail(turn, error));
    await turn.ended;
    await turn.journal.saved;
    this.queue = this.queue.filter((other) => other !== turn);
    setTimeout(() => this.known.delete(turn.body.turn_id), KEEP_FINISHED_MS);
    this.tellPlaces();
    this.next();
  }

  /** @param {Turn} turn */
  async execute(turn) {
    const { body, journal } = turn;
    const { python, engine, storage } = this.parts;
    /** @type {(event: TurnEventBody) => void} */
    const emit = (event) => journal.add(event);
    const model = this.parts.choices.find(body.model_id);
    if (!model)
      throw problem(
        "unknown_model",
        `There is no model ${body.model_id}.`,
        "Choose another model.",
      );
    await this.background.giveWay();
    const loading = loadModelOf(this.parts, turn, (code, message) =>
      emit({ type: "turn.notice", code, message }),
    );
    const starting = python.ready();
    // Both are awaited below; an early failure of one must not be an unhandled rejection meanwhile.
    loading.catch(() => {});
    starting.catch(() => {});
    const context_blocks = await resolveContext(body.context_refs, emit);
    if (python.state.state !== "ready")
      emit({ type: "turn.status", stage: "starting_python", detail: "" });
    await starting;
    if (this.parts.choices.needsEngine(model) && engine.state.state !== "ready") {
      emit({ type: "turn.status", stage: "loading_model", detail: model.label });
    }
    const answering = await loading;
    if (turn.stopped) return this.finish(turn, "stopped");
    const [transcript, prefill_tokens_per_s] = await Promise.all([
      storage.readTranscript(body.parent_id),
      readRate(storage, answering.model_id),
    ]);
    if (turn.stopped) return this.finish(turn, "stopped");
    turn.in_python = true;
    await python.request({
      type: "python.run_turn",
      turn_id: body.turn_id,
      conversation_id: body.conversation_id,
      parent_id: body.parent_id,
      user_message_id: journal.message.parent_id,
      assistant_message_id: journal.message.message_id,
      text: body.text,
      context_blocks,
      page: body.page ?? null,
      model: answering,
      options: body.options,
      transcript,
      settings: this.parts.choices.settings,
      server: this.parts.choices.serverOf(answering),
      prefill_tokens_per_s,
      pinned: [body, ...body.context_refs].some(({ pinned }) => pinned === true),
    });
  }

  /** Events from Python. @param {{turn_id: string, events: TurnEventBody[]}} batch */
  receive({ turn_id, events }) {
    const turn = this.known.get(turn_id);
    if (!turn) return;
    for (const event of events) {
      if (OURS.has(event.type)) continue;
      if (event.type === "turn.finished" && event.error) {
        turn.journal.add({ ...event, error: explained(this.parts, turn, event.error) });
        break;
      }
      turn.journal.add(event);
      if (event.type === "turn.usage") {
        keepRate(this.parts.storage, turn.body.model_id, event.usage);
      }
    }
    if (turn.journal.finished) turn.done();
  }

  /** @param {string} turn_id @param {TurnEventBody} event */
  emit(turn_id, event) {
    this.known.get(turn_id)?.journal.add(event);
  }

  /** @param {Turn} turn @param {"stopped" | "failed"} status @param {import("../shared/contract.js").ErrorData | null} [error] */
  finish(turn, status, error = null) {
    const { message } = turn.journal;
    const { turn_id } = turn.body;
    // A card of a turn that is over could still be clicked.
    this.parts.approvals.denyWhere((approval) => approval.turn_id === turn_id, "stop");
    turn.journal.add({
      type: "turn.finished",
      status,
      text: message.text,
      error,
      usage: null,
      transcript: [],
    });
    turn.done();
  }

  /** @param {Turn} turn @param {unknown} error */
  fail(turn, error) {
    if (turn.stopped) this.finish(turn, "stopped");
    else this.finish(turn, "failed", toErrorData(error));
  }

  /** @param {string} turn_id */
  async stop(turn_id) {
    const turn = this.known.get(turn_id);
    if (!turn || turn.journal.finished) return;
    turn.stopped = true;
    await this.parts.approvals.denyWhere((approval) => approval.turn_id === turn_id, "stop");
    if (this.queue[0] !== turn) {
      this.finish(turn, "stopped");
      this.queue = this.queue.filter((other) => other !== turn);
      this.tellPlaces();
      return;
    }
    if (!turn.in_python) return this.finish(turn, "stopped");
    const { python } = this.parts;
    // Not at once: an effect that is under way ends and is reported as what it was.
    python.request({ type: "python.cancel_turn", turn_id, immediate: false }).catch(() => {});
    setTimeout(() => {
      if (turn.journal.finished) return;
      // Python does not answer: what arrived is kept, the worker is replaced.
      this.finish(turn, "stopped");
      python.replace(
        problem("python_hung", "The assistant's Python part did not stop.", "Try again.", true),
      );
    }, STOP_LIMIT_MS);
  }

  /** The Python worker is gone: its turn cannot go on. @param {BusError} error */
  lost(error) {
    const turn = this.queue[0];
    if (turn && !turn.journal.finished) this.fail(turn, error);
  }

  /** @param {string} conversation_id */
  async stopConversation(conversation_id) {
    const cancelled = this.background.cancelConversation(conversation_id);
    const mine = this.queue.filter(({ body }) => body.conversation_id === conversation_id);
    await Promise.all(mine.map(({ body }) => this.stop(body.turn_id)));
    await Promise.all([cancelled, ...mine.map(({ ended }) => ended)]);
  }

  /** Whether a turn may still ask and act. @param {string} turn_id */
  isOpen(turn_id) {
    const turn = this.known.get(turn_id);
    return Boolean(turn && !turn.stopped && !turn.journal.finished);
  }

  /** @param {string | null} conversation_id */
  active(conversation_id) {
    return this.queue.find(({ body }) => body.conversation_id === conversation_id);
  }

  list() {
    return this.queue.map(({ body, journal }, place) => ({
      turn_id: body.turn_id,
      conversation_id: body.conversation_id,
      place,
      last_seq: journal.events.length - 1,
    }));
  }
}
