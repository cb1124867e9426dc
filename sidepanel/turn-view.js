/**
 * From contract events and stored messages to what is shown. No DOM here.
 * @import { Approval, StoredMessage, TurnEventBody } from "../shared/contract.js"
 * @import { Item, MessageView, TextItem, ToolItem } from "./types.js"
 */
import { foldContext } from "../shared/turn-fold.js";

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

/** @param {MessageView} view */
export function answerText(view) {
  const texts = view.items.map((item) => (item.kind === "text" ? item.text : ""));
  return texts.filter(Boolean).join("\n\n");
}

/** @param {MessageView} view @param {string} tool_call_id @returns {ToolItem | undefined} */
function toolItem(view, tool_call_id) {
  const found = view.items.find(
    (item) => item.kind === "tool" && item.call.tool_call_id === tool_call_id,
  );
  return /** @type {ToolItem | undefined} */ (found);
}

/** The tool's item; a request for approval may come before its tool call. @param {MessageView} view */
function ensureTool(view, /** @type {ToolItem["call"]} */ call) {
  let item = toolItem(view, call.tool_call_id);
  if (!item) {
    item = { kind: "tool", call, result: null, approval: null, decision: null };
    view.items.push(item);
  }
  return item;
}

/** @param {MessageView} view @param {Approval} approval */
export function addApproval(view, approval) {
  const { tool_call_id, tool_name } = approval;
  const item = ensureTool(view, { tool_call_id, tool_name, arguments: approval.arguments });
  item.approval = approval;
}

/** @param {MessageView} view */
function closeText(view) {
  for (const item of view.items)
    if (item.kind !== "tool" && item.kind !== "notice") item.done = true;
}

/** The newest block with this index: a later model call of the turn may count from 0 again. */
function openBlock(/** @type {MessageView} */ view, /** @type {number} */ block_index) {
  const found = view.items.findLast(
    (item) =>
      (item.kind === "text" || item.kind === "thinking") && item.block_index === block_index,
  );
  if (found) return /** @type {TextItem} */ (found);
  /** @type {TextItem} */
  const item = { kind: "text", block_index, text: "", done: false };
  view.items.push(item);
  return item;
}

const squeeze = (/** @type {string} */ text) => text.replace(/\s+/g, "");

/** What was streamed must be what was stored; if not, the stored text is the truth. */
function settleText(/** @type {MessageView} */ view, /** @type {string} */ text) {
  if (!text || squeeze(answerText(view)) === squeeze(text)) return;
  view.items = view.items.filter((item) => item.kind !== "text");
  view.items.push({ kind: "text", block_index: 0, text, done: true });
}

/**
 * Fold one event into the answer's view. The user's view gets what was read.
 * @param {MessageView} view @param {TurnEventBody} event @param {MessageView} [user] @param {number} [now_ms]
 */
export function foldEvent(view, event, user, now_ms = Date.now()) {
  if (view.status === "pending") view.status = "streaming";
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
    case "turn.block_start":
      closeText(view);
      view.items.push({
        kind: event.block_type,
        block_index: event.block_index,
        text: "",
        done: false,
      });
      break;
    case "turn.delta":
      openBlock(view, event.block_index).text += event.text;
      break;
    case "turn.tool_call":
      closeText(view);
      ensureTool(view, event);
      break;
    case "turn.tool_result":
      ensureTool(view, { ...event, arguments: {} }).result = event;
      break;
    case "turn.approval_requested":
      closeText(view);
      addApproval(view, event.approval);
      break;
    case "turn.approval_decided": {
      const id = event.approval_id;
      for (const item of view.items) {
        if (item.kind === "tool" && item.approval?.approval_id === id) item.decision = event;
      }
      break;
    }
    case "turn.usage":
      view.usage = event.usage;
      break;
    case "turn.notice":
      view.items.push({ kind: "notice", notice: event });
      break;
    case "turn.finished":
      settleText(view, event.text);
      closeText(view);
      view.status = event.status === "completed" ? "complete" : event.status;
      view.error = event.error ?? null;
      view.usage = event.usage ?? view.usage;
      view.stage = null;
      break;
  }
}

/** @param {StoredMessage} message @returns {MessageView} */
export function viewOf(message) {
  /** @type {Item[]} */
  const items = [];
  if (message.role === "assistant") {
    if (message.thinking) {
      items.push({ kind: "thinking", block_index: -1, text: message.thinking, done: true });
    }
    for (const call of message.tools ?? []) {
      const results = message.tool_results ?? [];
      const result = results.find((r) => r.tool_call_id === call.tool_call_id) ?? null;
      items.push({ kind: "tool", call, result, approval: null, decision: null });
    }
    if (message.text) items.push({ kind: "text", block_index: -1, text: message.text, done: true });
    for (const notice of message.notices ?? []) items.push({ kind: "notice", notice });
  }
  return newView({
    key: message.turn_id ? viewKey(message.role, message.turn_id) : message.message_id,
    message_id: message.message_id,
    parent_id: message.parent_id,
    turn_id: message.turn_id ?? null,
    role: message.role,
    text: message.role === "user" ? message.text : "",
    items,
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
