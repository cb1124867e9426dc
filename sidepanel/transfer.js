/** Conversations to a file and back. What comes from a file is checked by the assistant and never trusted. */
import { problem } from "../shared/errors.js";
import { client, refreshConversations } from "./actions.js";
import { h } from "./dom.js";
import { S } from "./strings.js";

/** What the connection to the assistant carries in one message, with room. */
const FILE_LIMIT_BYTES = 30_000_000;
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

/** @param {string | null} conversation_id null: all @param {string} title for the file's name */
export async function exportToFile(conversation_id, title) {
  const file = await client.request(
    { type: "offscreen.export_conversations", conversation_id },
    LIMIT_S,
  );
  const blob = new Blob([JSON.stringify(file, null, 1)], { type: "application/json" });
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: fileName(title) }).click();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS); // the download reads it after the click
}

/** @param {File} file @returns {Promise<number>} how many conversations came */
export async function importFromFile(file) {
  if (file.size > FILE_LIMIT_BYTES) {
    throw problem("import_too_large", S.import_too_large, S.import_hint);
  }
  /** @type {any} */
  let content;
  try {
    content = JSON.parse(await file.text());
  } catch {
    throw problem("import_not_json", S.import_not_json, S.import_hint);
  }
  if (content?.format !== "sidelight-conversations-1" || !Array.isArray(content.conversations)) {
    throw problem("import_not_ours", S.import_not_ours, S.import_hint);
  }
  const { conversations } = await client.request(
    { type: "offscreen.import_conversations", file: content },
    LIMIT_S,
  );
  await refreshConversations();
  return conversations;
}
