/** Conversations to a file and back. What comes from a file is checked by the assistant and never trusted. */
import { problem, toErrorData } from "../shared/errors.js";
import { client, refreshConversations } from "./actions.js";
import { h } from "./dom.js";
import { S } from "./strings.js";

const FORMAT = "sidelight-conversations-1";

/** A string holds 512 MiB. */
const FILE_LIMIT_BYTES = 400_000_000;
/** What the connection to the assistant carries in one message, with room. */
const MESSAGE_LIMIT_CHARS = 30_000_000;
const BATCH_CHARS = 8_000_000;
const LIMIT_S = 120;
const KEEP_MS = 60_000;

/** @param {string} title */
function fileName(title) {
  const words = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 40);
  const day = new Date().toISOString().slice(0, 10);
  return ["sidelight", words.replace(/^-|-$/g, ""), `${day}.json`].filter(Boolean).join("-");
}

async function everyId() {
  const { conversations } = await client.request({ type: "offscreen.list_conversations" });
  return conversations.map((/** @type {any} */ one) => one.conversation_id);
}

/** @param {string | null} conversation_id null: all @param {string} title for the file's name */
export async function exportToFile(conversation_id, title) {
  const type = "offscreen.export_conversations";
  const ids = conversation_id ? [conversation_id] : await everyId();
  const head = { format: FORMAT, exported_at_ms: Date.now() };
  // In parts: all of it may be more than one message or one string can hold.
  const parts = [JSON.stringify(head).slice(0, -1), ',"conversations":['];
  let separator = "";
  for (const id of ids) {
    const { conversations } = await client.request({ type, conversation_id: id }, LIMIT_S);
    for (const conversation of conversations) {
      parts.push(separator, JSON.stringify(conversation, null, 1));
      separator = ",\n";
    }
  }
  const url = URL.createObjectURL(new Blob([...parts, "]}"], { type: "application/json" }));
  h("a", { href: url, download: fileName(title) }).click();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS); // the download reads it after the click
}

/** @param {any[]} conversations each in one message with its neighbours @returns {any[][]} */
function batchesOf(conversations) {
  /** @type {any[][]} */
  const batches = [[]];
  let chars = 0;
  for (const conversation of conversations) {
    const own_chars = JSON.stringify(conversation).length;
    if (own_chars > MESSAGE_LIMIT_CHARS) {
      const title = String(conversation?.summary?.title ?? "").slice(0, 60);
      const message = S.import_chat_too_large(title);
      throw problem("import_too_large", message, S.import_split_hint);
    }
    if (chars && chars + own_chars > BATCH_CHARS) {
      batches.push([]);
      chars = 0;
    }
    batches.at(-1)?.push(conversation);
    chars += own_chars;
  }
  return batches;
}

/** @param {File} file @returns {Promise<number>} how many conversations came */
export async function importFromFile(file) {
  if (file.size > FILE_LIMIT_BYTES) {
    throw problem("import_too_large", S.import_too_large, S.import_split_hint);
  }
  /** @type {any} */
  let content;
  try {
    content = JSON.parse(await file.text());
  } catch {
    throw problem("import_not_json", S.import_not_json, S.import_hint);
  }
  if (content?.format !== FORMAT || !Array.isArray(content.conversations)) {
    throw problem("import_not_ours", S.import_not_ours, S.import_hint);
  }
  const type = "offscreen.import_conversations";
  const batches = batchesOf(content.conversations);
  let done = 0;
  for (const conversations of batches) {
    try {
      const part = { ...content, conversations };
      done += (await client.request({ type, file: part }, LIMIT_S)).conversations;
    } catch (error) {
      if (!done) throw error;
      const { message } = toErrorData(error);
      const all = content.conversations.length;
      const said = `${S.import_broken_off(done, all)} ${message}`;
      throw problem("import_broken_off", said, S.import_again_hint);
    } finally {
      if (done) await refreshConversations();
    }
  }
  return done;
}
