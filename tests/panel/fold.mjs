// node fold.mjs < [event, ...]: the stored message that these events fold into.
import { foldEvent, newMessage } from "../../shared/turn-fold.js";

let text = "";
for await (const part of process.stdin) text += part;
const ids = { message_id: "m-1", conversation_id: "c-1", turn_id: "t-1", created_at_ms: 1 };
const message = newMessage(ids);
for (const event of JSON.parse(text)) foldEvent(message, event);
console.log(JSON.stringify(message));
