/**
 * Which conversations wait for the user's decision: approval id to conversation id. The open one is among them.
 * @import { AttachResult, TurnEvent } from "../shared/contract.js"
 * @typedef {Map<string, string>} Waiting
 */

/** @param {Waiting} waiting changed in place @param {string} conversation_id */
function forget(waiting, conversation_id) {
  for (const [id, owner] of waiting) if (owner === conversation_id) waiting.delete(id);
}

/** @param {Waiting} before @param {string} conversation_id @param {TurnEvent[]} events @returns {Waiting} */
export function afterEvents(before, conversation_id, events) {
  const waiting = new Map(before);
  for (const { event } of events) {
    if (event.type === "turn.approval_requested") {
      waiting.set(event.approval.approval_id, conversation_id);
    } else if (event.type === "turn.approval_decided") waiting.delete(event.approval_id);
    else if (event.type === "turn.finished") forget(waiting, conversation_id);
  }
  return waiting;
}

/**
 * An attach tells all that waits in its conversation. Where no turn is left, nothing waits any more.
 * @param {Waiting} before @param {string} conversation_id @param {AttachResult} result @returns {Waiting}
 */
export function afterAttach(before, conversation_id, result) {
  const waiting = new Map(before);
  const active = new Set(result.app.active_turns.map((turn) => turn.conversation_id));
  for (const [id, owner] of waiting) if (!active.has(owner)) waiting.delete(id);
  forget(waiting, conversation_id);
  for (const approval of result.approvals) waiting.set(approval.approval_id, conversation_id);
  return waiting;
}

/** @param {Waiting} one @param {Waiting} other */
export const isSame = (one, other) =>
  one.size === other.size && [...one].every(([id, owner]) => other.get(id) === owner);
