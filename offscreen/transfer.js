/**
 * Conversations out to a file and in from one. What comes in is somebody's text: it gets new names, so that it can
 * replace nothing, and each of its messages is labelled as untrusted for ever.
 * @import { Conversation, ConversationFile, Label, StoredMessage } from "../shared/contract.js"
 */

/** @type {Label} */
const IMPORTED = { origin: "import", trust: "untrusted", private: true };

/** @param {Record<string, any>} entry of a transcript */
function labelled(entry) {
  const metadata = entry.metadata && typeof entry.metadata === "object" ? entry.metadata : {};
  return { ...entry, metadata: { ...metadata, labels: [IMPORTED] } };
}

/** @param {Conversation} conversation @returns {Conversation} */
export function adopt({ summary, messages }) {
  const conversation_id = crypto.randomUUID();
  // A parent must come before its child, or a chain could have no end.
  /** @type {Map<string, string>} */
  const ids = new Map();
  return {
    summary: {
      ...summary,
      conversation_id,
      title: summary.title.slice(0, 200),
      message_count: messages.length,
      imported: true,
    },
    messages: messages.map((message) => {
      const message_id = crypto.randomUUID();
      const parent_id = ids.get(message.parent_id ?? "") ?? null;
      ids.set(message.message_id, message_id);
      return /** @type {StoredMessage} */ ({
        ...message,
        message_id,
        conversation_id,
        parent_id,
        status: message.status === "streaming" ? "stopped" : message.status,
        transcript: (message.transcript ?? []).map(labelled),
      });
    }),
  };
}

/** @param {import("./storage/client.js").Storage} storage @param {string} conversation_id @returns {Promise<ConversationFile>} */
export async function exportConversation(storage, conversation_id) {
  const found = await storage.readConversation(conversation_id);
  const conversations = found ? [found] : []; // deleted meanwhile
  return { format: "sidelight-conversations-1", exported_at_ms: Date.now(), conversations };
}

/** @param {import("./storage/client.js").Storage} storage @param {ConversationFile} file */
export async function importConversations(storage, file) {
  await storage.addConversations(file.conversations.map(adopt));
  return { conversations: file.conversations.length };
}
