/** What was sent and what was decided: read when shown, read again when told of a change. */
import { toErrorData } from "../shared/errors.js";
import { client } from "./actions.js";
import { store } from "./store.js";

/**
 * One run at a time; asked for while it runs, it runs once more. @param {() => Promise<void>} job
 * @returns {() => Promise<void>}
 */
function coalesced(job) {
  /** @type {Promise<void> | null} */
  let running = null;
  let again = false;
  return () => {
    if (running) again = true;
    running ??= (async () => {
      do {
        again = false;
        await job();
      } while (again);
    })().finally(() => {
      running = null;
    });
    return running;
  };
}

export const readDecisions = coalesced(async () => {
  try {
    const { decisions } = await client.request({ type: "offscreen.list_decisions" });
    store.set({ decisions, decisions_error: null });
  } catch (error) {
    store.set({ decisions_error: toErrorData(error) });
  }
});

export const readLedger = coalesced(async () => {
  try {
    const { entries } = await client.request({ type: "offscreen.list_ledger" });
    store.set({ ledger: entries, ledger_error: null });
  } catch (error) {
    store.set({ ledger_error: toErrorData(error) });
  }
});

/** @param {string} approval_id */
export async function undo(approval_id) {
  await client.request({ type: "offscreen.undo_decision", approval_id }, 30);
  await readDecisions();
}

export async function clearLedger() {
  await client.request({ type: "offscreen.clear_ledger" }, 30);
  await readLedger();
}

/** Decisions are always known, for the undo of a tool's row; what was sent only once it was looked at. */
export function watchActivity() {
  client.onDecisionsChanged = () => void readDecisions();
  client.onLedgerChanged = () => {
    if (store.state.ledger || store.state.ledger_error) readLedger();
  };
  store.watch(["link"], () => {
    if (store.state.link !== "open") return;
    readDecisions();
    client.onLedgerChanged();
  });
}
