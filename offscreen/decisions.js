/**
 * The history of decisions: what was asked, who decided, what came of it, what can be undone.
 * @import { Approval, ApprovalDecision, ExecuteTool } from "../shared/contract.js"
 */
import { problem } from "../shared/errors.js";

/** @typedef {import("./storage/records.js").StoredDecision} StoredDecision */

const callOf = (/** @type {{turn_id: string, tool_call_id: string}} */ { turn_id, tool_call_id }) =>
  `${turn_id} ${tool_call_id}`;

export class Decisions {
  /** @param {import("./storage/client.js").Storage} storage @param {() => void} on_change */
  constructor(storage, on_change) {
    this.storage = storage;
    this.on_change = on_change;
    /** @type {Map<string, StoredDecision>} allowed calls that have not run yet */
    this.allowed = new Map();
    /** @type {Promise<void>} one write after the other: the outcome must not be overtaken by the decision */
    this.writing = Promise.resolve();
  }

  /** @param {Approval} approval @param {"allow" | "deny"} decision @param {ApprovalDecision["decided_by"]} decided_by */
  decided(approval, decision, decided_by) {
    const { approval_id, conversation_id, tool_name, effect } = approval;
    /** @type {StoredDecision} */
    const record = {
      approval_id,
      at_ms: Date.now(),
      conversation_id,
      tool_name,
      title: effect.title,
      detail: effect.detail,
      target_origin: effect.target_origin,
      decision,
      decided_by,
      outcome: "not_run",
      undo: "none",
      undo_data: null,
    };
    if (decision === "allow") this.allowed.set(callOf(approval), record);
    this.write(record);
  }

  /** @param {ExecuteTool} call @param {"done" | "failed"} outcome @param {StoredDecision["undo_data"]} [undo_data] */
  ran(call, outcome, undo_data = null) {
    const record = this.allowed.get(callOf(call));
    if (!record) return;
    this.allowed.delete(callOf(call));
    this.write({ ...record, outcome, undo: undo_data ? "available" : "none", undo_data });
  }

  /** A decision that cannot be written down still holds. @param {StoredDecision} record */
  write(record) {
    this.writing = this.writing
      .then(() => this.storage.putDecision(record))
      .catch(console.error)
      .then(this.on_change);
  }

  async list() {
    await this.writing;
    return this.storage.listDecisions();
  }

  /** @param {string} approval_id */
  async undo(approval_id) {
    await this.writing;
    if (!(await this.storage.undoDecision(approval_id))) {
      throw problem(
        "cannot_undo",
        "This cannot be undone: it was undone before, or nothing was done.",
        "Look at the list of decisions.",
      );
    }
    this.on_change();
  }
}
