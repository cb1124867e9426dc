/**
 * Small records beside the conversations: to-dos, choices, what was decided, what left the device.
 * @import { Decision, LedgerEntry, Todo } from "../../shared/contract.js"
 */
import { database, STRICT } from "./database.js";

const KEEP_MS = 90 * 24 * 3600_000;
const LISTED = 1000;

/** What undoes a change of the to-do list. @typedef {{op: "remove" | "reopen", number: number}} Undo */
/** @typedef {Decision & {undo_data: Undo | null}} StoredDecision */

/** @returns {Promise<Todo[]>} */
export async function listTodos() {
  return (await database()).getAll("todos");
}

/** @param {string} text @returns {Promise<{todos: Todo[], undo: Undo}>} the list afterwards */
export async function addTodo(text) {
  const db = await database();
  const tx = db.transaction("todos", "readwrite", STRICT);
  const number = Number(await tx.store.add({ text, done: false }));
  await tx.done;
  return { todos: await listTodos(), undo: { op: "remove", number } };
}

/** Mark the first open item with that text. @param {string} text @returns {Promise<{todos: Todo[], undo: Undo} | null>} */
export async function completeTodo(text) {
  const wanted = text.trim().toLowerCase();
  const db = await database();
  const tx = db.transaction("todos", "readwrite", STRICT);
  const items = /** @type {Todo[]} */ (await tx.store.getAll());
  const found = items.find((item) => !item.done && item.text.trim().toLowerCase() === wanted);
  if (found) await tx.store.put({ ...found, done: true });
  await tx.done;
  return found ? { todos: await listTodos(), undo: { op: "reopen", number: found.number } } : null;
}

/** @param {string} approval_id @returns {Promise<boolean>} false when there is nothing to undo */
export async function undoDecision(approval_id) {
  const db = await database();
  const tx = db.transaction(["decisions", "todos"], "readwrite", STRICT);
  const decisions = tx.objectStore("decisions");
  const todos = tx.objectStore("todos");
  /** @type {StoredDecision | undefined} */
  const decision = await decisions.get(approval_id);
  const able = decision?.undo === "available" && decision.undo_data;
  if (able) {
    const { op, number } = able;
    const todo = await todos.get(number);
    if (todo && op === "remove") await todos.delete(number);
    else if (todo) await todos.put({ ...todo, done: false });
    await decisions.put({ ...decision, undo: "undone", undo_data: null });
  }
  await tx.done;
  return Boolean(able);
}

/** @param {StoredDecision} decision */
export async function putDecision(decision) {
  await (await database()).put("decisions", decision);
}

/** @returns {Promise<Decision[]>} newest first */
export async function listDecisions() {
  /** @type {StoredDecision[]} */
  const newest = await newestOf("decisions");
  return newest.map(({ undo_data: _, ...decision }) => decision);
}

/** @param {LedgerEntry} entry */
export async function putLedger(entry) {
  await (await database()).put("ledger", entry);
}

/** @returns {Promise<LedgerEntry[]>} newest first */
export function listLedger() {
  return newestOf("ledger");
}

export async function clearLedger() {
  await (await database()).clear("ledger");
}

/** Drop what is older than 90 days; what was under way when the browser closed did not end well. */
export async function tidyRecords() {
  const db = await database();
  const tx = db.transaction(["ledger", "decisions"], "readwrite");
  const old = IDBKeyRange.upperBound(Date.now() - KEEP_MS);
  for (const name of ["ledger", "decisions"]) {
    const index = tx.objectStore(name).index("at_ms");
    for await (const cursor of index.iterate(old)) await cursor.delete();
  }
  for await (const cursor of tx.objectStore("ledger")) {
    if (cursor.value.status !== "open") continue;
    const detail = "The browser closed while it was under way.";
    await cursor.update({ ...cursor.value, status: "failed", detail });
  }
  await tx.done;
}

/** @param {string} name @returns {Promise<any[]>} */
async function newestOf(name) {
  const db = await database();
  const found = [];
  const index = db.transaction(name).store.index("at_ms");
  for await (const cursor of index.iterate(null, "prev")) {
    found.push(cursor.value);
    if (found.length === LISTED) break;
  }
  return found;
}

/** What the user chose last, such as the model. @param {string} name @returns {Promise<string | null>} */
export async function readChoice(name) {
  return (await (await database()).get("choices", name))?.value ?? null;
}

/** @param {string} name @param {string} value */
export async function writeChoice(name, value) {
  await (await database()).put("choices", { name, value });
}

const rateName = (/** @type {string} */ model_id) => `prefill_tokens_per_s ${model_id}`;

/** Null until one was kept. @param {string} model_id @returns {Promise<number | null>} */
export async function readRate(model_id) {
  const kept = Number(await readChoice(rateName(model_id)));
  return kept > 0 ? kept : null;
}

/** @param {string} model_id @param {number} tokens_per_s */
export const writeRate = (model_id, tokens_per_s) =>
  writeChoice(rateName(model_id), String(tokens_per_s));
