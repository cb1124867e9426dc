/**
 * From contract events and stored messages to what is shown. No DOM here.
 * @import { StoredMessage, TurnEventBody } from "../shared/contract.js"
 * @import { MessageView } from "./types.js"
 */
import { closeTexts, foldContext, foldItems, newText, textOf } from "../shared/turn-fold.js";

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
 * @param {MessageView} view @param {TurnEventBody} event @param {MessageView} [user]
 */
export function foldEvent(view, event, user) {
  if (view.status === "pending") view.status = "streaming";
  foldItems(view.items, event);
  switch (event.type) {
    case "turn.started":
      view.message_id = event.assistant_message_id;
      view.model_id = event.model_id;
      if (user) user.message_id = event.user_message_id;
      break;
    case "turn.status":
      if (view.stage?.stage !== event.stage) view.stage_since_ms = Date.now();
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

/** @param {StoredMessage} message */
function itemsOf({
  role,
  items = [],
  thinking,
  tools = [],
  tool_results = [],
  notices = [],
  text,
}) {
  if (role === "user") return [];
  if (!items.length) {
    // Stored before there were items: the parts are there, their order is lost.
    if (thinking) items.push(newText("thinking", 0, thinking));
    for (const event of [...tools, ...tool_results]) foldItems(items, event);
    if (text) items.push(newText("text", 1, text));
  }
  for (const notice of notices) foldItems(items, notice);
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
