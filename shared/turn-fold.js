/**
 * A message is the fold of its turn's events: the same function makes the stored draft and what a panel shows.
 * @import { StoredMessage, TurnEventBody } from "./contract.js"
 */

/** @param {StoredMessage} message changed in place @param {TurnEventBody} event */
export function foldEvent(message, event) {
  switch (event.type) {
    case "turn.started":
      message.model_id = event.model_id;
      break;
    case "turn.context":
      foldContext(message.context ?? [], event);
      break;
    case "turn.delta":
      if (!message.thinking_blocks?.includes(event.block_index)) message.text += event.text;
      else message.thinking += event.text;
      break;
    case "turn.block_start":
      if (event.block_type === "thinking") message.thinking_blocks?.push(event.block_index);
      else if (message.text && !message.text.endsWith("\n")) message.text += "\n\n";
      break;
    case "turn.tool_call":
      message.tools?.push(event);
      break;
    case "turn.tool_result":
      message.tool_results?.push(event);
      break;
    case "turn.notice":
      message.notices?.push(event);
      break;
    case "turn.usage":
      message.usage = event.usage;
      break;
    case "turn.finished":
      message.status = event.status === "completed" ? "complete" : event.status;
      message.text = event.text || message.text;
      message.error = event.error ?? null;
      message.usage = event.usage ?? message.usage;
      message.transcript = event.transcript;
      break;
  }
}

/**
 * What was read of a page is told twice when it had to be cut: the later one, with the true share, counts.
 * @param {import("./contract.js").TurnContext[]} list @param {import("./contract.js").TurnContext} event
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
    thinking: "",
    thinking_blocks: [],
    created_at_ms: Date.now(),
    turn_id: null,
    status: "streaming",
    model_id: null,
    context: [],
    tools: [],
    tool_results: [],
    notices: [],
    usage: null,
    error: null,
    transcript: [],
    ...fields,
  };
}
