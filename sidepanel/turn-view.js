/**
 * From contract events and stored messages to what is shown. No DOM here.
 * @import { StoredMessage, TurnEventBody } from "../shared/contract.js"
 * @import { Item, MessageView } from "./types.js"
 */
import { closeTexts, foldContext, foldItems, textOf } from "../shared/turn-fold.js";

/** A turn has one message of each role, so its id names them before they have ids. */
export function viewKey(/** @type {"user" | "assistant"} */ role, /** @type {string} */ turn_id) {
  return `${role}:${turn_id}`;
}

/** @param {Partial<MessageView> & {key: string, role: "user" | "assistant"}} fields @returns {MessageView} */
export function newView(fields) {
  return {
    message_id: null,
    parent_id: null,
    turn_id: null,
    text: "",
    items: [],
    context: [],
    status: "complete",
    stage: null,
    stage_since_ms: 0,
    model_id: null,
    usage: null,
    error: null,
    refs: null,
    tool_choice: "auto",
    ...fields,
  };
}

/** @param {MessageView} view @returns {view is MessageView} */
export const isRunning = (view) => view.status === "pending" || view.status === "streaming";

export const answerText = (/** @type {MessageView} */ view) => textOf(view.items);

/**
 * Fold one event into the answer's view. The user's view gets what was read.
 * @param {MessageView} view @param {TurnEventBody} event @param {MessageView} [user] @param {number} [now_ms]
 */
export function foldEvent(view, event, user, now_ms = Date.now()) {
  if (view.status === "pending") view.status = "streaming";
  foldItems(view.items, event);
  switch (event.type) {
    case "turn.started":
      view.message_id = event.assistant_message_id;
      view.model_id = event.model_id;
      if (user) user.message_id = event.user_message_id;
      break;
    case "turn.status":
      if (view.stage?.stage !== event.stage) view.stage_since_ms = now_ms;
      view.stage = event;
      break;
    case "turn.context":
      foldContext((user ?? view).context, event);
      break;
    case "turn.usage":
      view.usage = event.usage;
      break;
    case "turn.finished":
      view.status = event.status === "completed" ? "complete" : event.status;
      view.error = event.error ?? null;
      view.usage = event.usage ?? view.usage;
      view.stage = null;
      break;
  }
}

/** Answers stored before there were items: the order is lost. @param {StoredMessage} message @returns {Item[]} */
function itemsOfParts({ thinking, tools, tool_results, text }) {
  /** @type {Item[]} */
  const items = [];
  if (thinking) items.push({ kind: "thinking", block_index: 0, text: thinking, done: true });
  for (const call of tools ?? []) {
    const result = tool_results?.find((r) => r.tool_call_id === call.tool_call_id) ?? null;
    items.push({ kind: "tool", call, result, approval: null, decision: null });
  }
  if (text) items.push({ kind: "text", block_index: 1, text, done: true });
  return items;
}

/** @param {StoredMessage} message */
function itemsOf(message) {
  if (message.role === "user") return [];
  const items = message.items?.length ? [...message.items] : itemsOfParts(message);
  for (const notice of message.notices ?? []) items.push({ kind: "notice", notice });
  closeTexts(items); // a draft of a crashed turn is open
  return items;
}

/** @param {StoredMessage} message @returns {MessageView} */
export function viewOf(message) {
  return newView({
    key: message.turn_id ? viewKey(message.role, message.turn_id) : message.message_id,
    message_id: message.message_id,
    parent_id: message.parent_id,
    turn_id: message.turn_id ?? null,
    role: message.role,
    text: message.role === "user" ? message.text : "",
    items: itemsOf(message),
    context: [...(message.context ?? [])],
    status: message.status ?? "complete",
    model_id: message.model_id ?? null,
    usage: message.usage ?? null,
    error: message.error ?? null,
  });
}

/**
 * Messages are a tree; shown is the branch that ends in the newest message.
 * @param {StoredMessage[]} messages @returns {StoredMessage[]}
 */
export function newestBranch(messages) {
  const by_id = new Map(messages.map((message) => [message.message_id, message]));
  const parents = new Set(messages.map((message) => message.parent_id));
  const leaves = messages.filter((message) => !parents.has(message.message_id));
  /** @type {StoredMessage | undefined} */
  let at = leaves.reduce(
    (newest, leaf) => (newest && newest.created_at_ms > leaf.created_at_ms ? newest : leaf),
    /** @type {StoredMessage | undefined} */ (undefined),
  );
  const branch = [];
  while (at && by_id.delete(at.message_id)) {
    branch.unshift(at);
    at = at.parent_id === null ? undefined : by_id.get(at.parent_id);
  }
  return branch;
}
