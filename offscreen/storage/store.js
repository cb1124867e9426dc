/**
 * Conversations and messages (a tree by parent_id).
 * What the user wrote and a finished answer are written with strict durability: they survive a crash.
 * @import { Conversation, ConversationSummary, StoredMessage } from "../../shared/contract.js"
 */
import { database, STRICT } from "./database.js";
import { titleOf } from "./title.js";

/**
 * Store a question and the place of its answer in one transaction, making the conversation if new.
 * @param {StoredMessage} question @param {StoredMessage} answer
 */
export async function addTurn(question, answer) {
  const db = await database();
  const tx = db.transaction(["conversations", "messages"], "readwrite", STRICT);
  const conversations = tx.objectStore("conversations");
  const known = await conversations.get(question.conversation_id);
  const summary = known ?? {
    conversation_id: question.conversation_id,
    title: titleOf(question.text),
    created_at_ms: question.created_at_ms,
    message_count: 0,
  };
  await conversations.put({
    ...summary,
    updated_at_ms: question.created_at_ms,
    message_count: summary.message_count + 2,
  });
  await tx.objectStore("messages").put(question);
  await tx.objectStore("messages").put(answer);
  await tx.done;
}

/** From a file: all of them or none. @param {Conversation[]} conversations */
export async function addConversations(conversations) {
  const tx = (await database()).transaction(["conversations", "messages"], "readwrite", STRICT);
  for (const { summary, messages } of conversations) {
    await tx.objectStore("conversations").put(summary);
    for (const message of messages) await tx.objectStore("messages").put(message);
  }
  await tx.done;
}

/** @param {StoredMessage} message @param {boolean} final */
export async function putMessage(message, final) {
  const db = await database();
  const tx = db.transaction(["conversations", "messages"], "readwrite", final ? STRICT : {});
  // A conversation deleted while its answer was streaming must not come back as an orphan.
  if (await tx.objectStore("conversations").get(message.conversation_id)) {
    await tx.objectStore("messages").put(message);
  }
  await tx.done;
}

/** @returns {Promise<ConversationSummary[]>} newest first */
export async function listConversations() {
  const db = await database();
  return (await db.getAllFromIndex("conversations", "updated_at_ms")).reverse();
}

/** @param {string} id @returns {Promise<Conversation | null>} messages by age */
export async function readConversation(id) {
  const db = await database();
  const summary = await db.get("conversations", id);
  if (!summary) return null;
  const messages = await db.getAllFromIndex("messages", "conversation_id", id);
  const rank = (/** @type {StoredMessage} */ m) => (m.role === "user" ? 0 : 1);
  messages.sort((a, b) => a.created_at_ms - b.created_at_ms || rank(a) - rank(b));
  return { summary, messages };
}

/** Transcript entries from the first message down to `id`, oldest first. @param {string | null} id */
export async function readTranscript(id) {
  const db = await database();
  const chain = [];
  const seen = new Set();
  for (let at = id; at && !seen.has(at); ) {
    seen.add(at);
    const message = await db.get("messages", at);
    if (!message) break;
    chain.push(message.transcript ?? []);
    at = message.parent_id;
  }
  return chain.reverse().flat();
}

/** @param {string} id */
export async function deleteConversation(id) {
  const db = await database();
  const tx = db.transaction(["conversations", "messages"], "readwrite", STRICT);
  await tx.objectStore("conversations").delete(id);
  const index = tx.objectStore("messages").index("conversation_id");
  for await (const cursor of index.iterate(id)) await cursor.delete();
  await tx.done;
}

/** Answers left "streaming" by a crash become "stopped": their text is kept and marked. */
export async function closeInterrupted() {
  const db = await database();
  const tx = db.transaction("messages", "readwrite", STRICT);
  for await (const cursor of tx.store) {
    if (cursor.value.status !== "streaming") continue;
    await cursor.update({
      ...cursor.value,
      status: "stopped",
      notices: [
        ...cursor.value.notices,
        {
          type: "turn.notice",
          code: "interrupted",
          message: "The browser closed while this answer was being written. What arrived is kept.",
        },
      ],
    });
  }
  await tx.done;
}
