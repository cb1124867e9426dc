/**
 * A message is the fold of its turn's events: the same functions make the stored draft and what a panel shows.
 * @import { Approval, StoredMessage, TextItem, ToolItem, TurnContext, TurnEventBody } from "./contract.js"
 */

/** @typedef {NonNullable<StoredMessage["items"]>[number]} Item */

/** @param {StoredMessage} message changed in place @param {TurnEventBody} event */
export function foldEvent(message, event) {
  message.items ??= [];
  foldItems(message.items, event);
  switch (event.type) {
    case "turn.started":
      message.model_id = event.model_id;
      break;
    case "turn.context":
      foldContext(message.context ?? [], event);
      break;
    case "turn.delta":
      message.text = textOf(message.items);
      break;
    case "turn.usage":
      message.usage = event.usage;
      break;
    case "turn.finished":
      message.status = event.status === "completed" ? "complete" : event.status;
      message.text = event.text || message.text;
      message.error = event.error ?? null;
      message.usage = event.usage ?? message.usage;
      message.transcript = event.transcript ?? [];
      break;
  }
}

/**
 * What an answer consists of, in the order in which it came.
 * @param {Item[]} items changed in place @param {TurnEventBody} event
 */
export function foldItems(items, event) {
  switch (event.type) {
    case "turn.block_start":
      closeTexts(items);
      items.push(newText(event.block_type, event.block_index));
      break;
    case "turn.delta":
      blockOf(items, event.block_index).text += event.text;
      break;
    case "turn.tool_call":
      closeTexts(items);
      ensureTool(items, event.tool_call_id, event.tool_name, event.arguments);
      break;
    case "turn.tool_result":
      ensureTool(items, event.tool_call_id, event.tool_name, {}).result = event;
      break;
    case "turn.approval_requested":
      closeTexts(items);
      addApproval(items, event.approval);
      break;
    case "turn.approval_decided":
      for (const item of items) {
        if (item.kind === "tool" && item.approval?.approval_id === event.approval_id) {
          item.decision = event;
        }
      }
      break;
    case "turn.notice":
      items.push({ kind: "notice", notice: event });
      break;
    case "turn.finished":
      settleText(items, event.text);
      closeTexts(items);
      break;
  }
}

/** The visible words. @param {Item[]} items */
export function textOf(items) {
  const texts = items.map((item) => (item.kind === "text" ? item.text : ""));
  return texts.filter(Boolean).join("\n\n");
}

/** @param {Item[]} items @param {Approval} approval */
export function addApproval(items, approval) {
  const { tool_call_id, tool_name } = approval;
  ensureTool(items, tool_call_id, tool_name, approval.arguments).approval = approval;
}

/** @param {TextItem["kind"]} kind @param {number} block_index @param {string} [text] @returns {TextItem} */
export function newText(kind, block_index, text = "") {
  return { kind, block_index, text, done: false };
}

/** No word will be added any more. @param {Item[]} items */
export function closeTexts(items) {
  for (const item of items) if ("done" in item) item.done = true;
}

/**
 * The call's item; a request for approval may come before its tool call.
 * @param {Item[]} items @param {string} tool_call_id @param {string} tool_name
 * @param {{[name: string]: unknown}} given its arguments @returns {ToolItem}
 */
function ensureTool(items, tool_call_id, tool_name, given) {
  const known = items.find(
    (item) => item.kind === "tool" && item.call.tool_call_id === tool_call_id,
  );
  if (known) return /** @type {ToolItem} */ (known);
  /** @type {ToolItem} */
  const item = {
    kind: "tool",
    call: { type: "turn.tool_call", tool_call_id, tool_name, arguments: given },
    result: null,
    approval: null,
    decision: null,
  };
  items.push(item);
  return item;
}

/** The newest block with this index: a later model call of the turn may count from 0 again. */
function blockOf(/** @type {Item[]} */ items, /** @type {number} */ block_index) {
  const found = items.findLast((item) => "done" in item && item.block_index === block_index);
  if (found) return /** @type {TextItem} */ (found);
  const item = newText("text", block_index);
  items.push(item);
  return item;
}

const squeeze = (/** @type {string} */ text) => text.replace(/\s+/g, "");

/** What was streamed must be what the turn ended with; if not, its end is the truth. */
function settleText(/** @type {Item[]} */ items, /** @type {string} */ text) {
  if (!text || squeeze(textOf(items)) === squeeze(text)) return;
  const others = items.filter((item) => item.kind !== "text");
  items.splice(0, items.length, ...others, newText("text", 0, text));
}

/**
 * What was read of a page is told twice when it had to be cut: the later one, with the true share, counts.
 * @param {TurnContext[]} list @param {TurnContext} event
 */
export function foldContext(list, event) {
  const known = list.findIndex(({ kind, url }) => kind === event.kind && url === event.url);
  if (known >= 0) list[known] = event;
  else list.push(event);
}

/** An empty answer, to fold events into. @param {Partial<StoredMessage>} fields @returns {StoredMessage} */
export function newMessage(fields) {
  return {
    message_id: "",
    conversation_id: "",
    parent_id: null,
    role: "assistant",
    text: "",
    items: [],
    created_at_ms: Date.now(),
    turn_id: null,
    status: "streaming",
    model_id: null,
    context: [],
    notices: [],
    usage: null,
    error: null,
    transcript: [],
    ...fields,
  };
}
