/** The one IndexedDB database and its migrations. A newer one than this is never opened: idb refuses it. */
import { openDB } from "idb";

const DATABASE = "sidelight";
const VERSION = 2;
/** What the user wrote, decided or must be able to look up survives a crash of the machine. */
export const STRICT = /** @type {const} */ ({ durability: "strict" });

/** @type {Promise<import("idb").IDBPDatabase> | undefined} */
let opening;

export function database() {
  opening ??= openDB(DATABASE, VERSION, {
    upgrade(db, from) {
      const store = (/** @type {string} */ name, /** @type {string} */ keyPath) =>
        db.createObjectStore(name, { keyPath });
      if (from < 1) {
        store("conversations", "conversation_id").createIndex("updated_at_ms", "updated_at_ms");
        store("messages", "message_id").createIndex("conversation_id", "conversation_id");
        db.createObjectStore("todos", { keyPath: "number", autoIncrement: true });
        store("choices", "name");
      }
      if (from < 2) {
        store("ledger", "entry_id").createIndex("at_ms", "at_ms");
        store("decisions", "approval_id").createIndex("at_ms", "at_ms");
      }
    },
    terminated() {
      opening = undefined;
    },
  }).catch((error) => {
    opening = undefined; // the next call tries again
    throw error;
  });
  return opening;
}
