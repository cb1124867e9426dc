/**
 * What an attach brings, put into the store: the rest of a running answer, or the conversation from storage.
 * @import { AttachResult, TurnEvent } from "../shared/contract.js"
 * @import { Store } from "./store.js"
 * @import { LiveTurn, MessageView } from "./types.js"
 */
import { problem } from "../shared/errors.js";
import { addApproval } from "../shared/turn-fold.js";
import { S } from "./strings.js";
import { isRunning, newestBranch, newView, viewKey, viewOf } from "./turn-view.js";

/** @param {MessageView} view */
function notSent(view) {
  view.status = "failed";
  view.stage = null;
  view.error = problem("not_sent", S.not_sent, S.not_sent_hint, true).data;
}

/** The turn the result speaks of, as live. @param {MessageView[]} messages @param {string} turn_id */
function liveFrom(messages, turn_id) {
  const at = messages.findIndex((view) => view.role === "assistant" && view.turn_id === turn_id);
  const old = messages[at];
  const user = messages.findLast((view) => view.role === "user" && view.turn_id === turn_id);
  const view = newView({
    key: viewKey("assistant", turn_id),
    role: "assistant",
    turn_id,
    message_id: old?.message_id ?? null,
    parent_id: old?.parent_id ?? user?.message_id ?? null,
    status: "streaming",
    model_id: old?.model_id ?? null,
  });
  if (at >= 0) messages[at] = view;
  else messages.push(view);
  // Events tell again what was read.
  if (user) user.context = [];
  return view;
}

/** @param {Store} store @param {AttachResult} result @param {LiveTurn | null} asked */
function rebuild(store, result, asked) {
  const { state } = store;
  const stored = result.conversation?.messages ?? [];
  const messages = newestBranch(stored).map(viewOf);
  for (const [i, view] of messages.entries()) {
    const user = messages[i - 1];
    // Stored with the answer that used it; shown with the question that attached it.
    if (view.role === "assistant" && user?.role === "user") user.context = view.context;
  }
  const turn_id = result.turn_id;
  const known = new Set(stored.map((message) => message.turn_id));
  const pending = state.live;
  const unknown = pending && pending.turn_id !== turn_id && !known.has(pending.turn_id);
  if (unknown && pending.sent && asked) notSent(pending.view);
  // What the assistant never got is in no store: the words are kept here.
  const unsent = (/** @type {MessageView} */ view) =>
    view.message_id === null && view.turn_id !== turn_id && !known.has(view.turn_id);
  if (unknown && !pending.sent) {
    // Asked before the history was known: it goes on from the last message, not from the start.
    const user = state.messages[state.messages.indexOf(pending.view) - 1];
    if (user) user.parent_id ??= messages.at(-1)?.message_id ?? null;
  }
  messages.push(...state.messages.filter(unsent));
  /** @type {LiveTurn | null} */
  let live = null;
  if (turn_id) {
    const view = liveFrom(messages, turn_id);
    live = { turn_id, last_seq: -1, view, sent: true, accepted: true, stopping: false };
  } else if (unknown && isRunning(pending.view)) live = pending;
  for (const view of messages) {
    if (isRunning(view) && view !== live?.view) view.status = "stopped";
  }
  const { title = "", imported = false } = result.conversation?.summary ?? {};
  store.set({ messages, live, title, imported });
}

/**
 * @param {Store} store @param {AttachResult} result
 * @param {LiveTurn | null} asked the turn the attach asked for, if any
 * @param {(events: TurnEvent[]) => void} take applies events to `store.state.live`
 */
export function applyAttach(store, result, asked, take) {
  store.set({ app: result.app, open_error: null });
  const live = store.state.live;
  const continues =
    live &&
    asked === live &&
    (result.turn_id === live.turn_id ||
      result.events.some((event) => event.turn_id === live.turn_id));
  if (continues) take(result.events);
  const ended_unseen = store.state.live === live && live && result.turn_id !== live.turn_id;
  if (!continues || ended_unseen) {
    rebuild(store, result, asked);
    take(result.events);
  }
  const view = store.state.live?.view;
  if (!view) return;
  for (const approval of result.approvals) {
    if (approval.turn_id === view.turn_id) addApproval(view.items, approval);
  }
  store.touch(view);
}
