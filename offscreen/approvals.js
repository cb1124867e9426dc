/**
 * Tool calls that wait for a click. A panel that closes leaves them pending; time, stop or a changed page denies.
 * @import { Approval, ApprovalDecision, TurnEventBody } from "../shared/contract.js"
 */
import { problem } from "../shared/errors.js";

/** @typedef {ApprovalDecision["decided_by"]} DecidedBy */
/** @typedef {{approval: Approval, receiver: string, settle: (decision: "allow" | "deny", by: DecidedBy) => Promise<void>}} Pending */

/**
 * "This chat on this site": one tool, in one conversation, on pages of one origin, for one receiver.
 * @param {Approval} approval @param {string} receiver host of the model, "" on this device
 */
const grantOf = ({ conversation_id, tool_name, page }, receiver) =>
  JSON.stringify([conversation_id, tool_name, page?.origin, receiver]);

export class Approvals {
  /**
   * @param {import("./tickets.js").Tickets} tickets @param {(turn_id: string, event: TurnEventBody) => void} emit
   * @param {(approval: Approval, decision: "allow" | "deny", by: DecidedBy) => void} [decided]
   */
  constructor(tickets, emit, decided = () => {}) {
    this.tickets = tickets;
    this.emit = emit;
    this.decided = decided;
    /** @type {Map<string, Pending>} */
    this.pending = new Map();
    /** @type {Set<string>} given in this life of the document: a restart asks again */
    this.grants = new Set();
  }

  /**
   * `at_once`: this call needs no card.
   * @param {Approval} approval @param {{at_once?: boolean, receiver?: string}} [options] @returns {Promise<ApprovalDecision>}
   */
  async ask(approval, { at_once = false, receiver = "" } = {}) {
    const { approval_id, turn_id } = approval;
    // A second request under the same name would be what the first one's card approves.
    if (this.pending.has(approval_id)) {
      throw problem("duplicate_approval", "This request is already waiting.", "Decide it first.");
    }
    const granted = approval.effect.grantable && this.grants.has(grantOf(approval, receiver));
    if (granted || at_once) return this.#allowed(approval, granted ? "grant" : "policy");
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle("deny", "timeout"), approval.timeout_s * 1000);
      const settle = async (
        /** @type {"allow" | "deny"} */ decision,
        /** @type {DecidedBy} */ decided_by,
      ) => {
        if (!this.pending.delete(approval_id)) return;
        clearTimeout(timer);
        const ticket_id = decision === "allow" ? await this.tickets.mint(approval) : null;
        this.emit(turn_id, { type: "turn.approval_decided", approval_id, decision, decided_by });
        this.decided(approval, decision, decided_by);
        resolve({ decision, decided_by, ticket_id });
      };
      this.pending.set(approval_id, { approval, receiver, settle });
      this.emit(turn_id, { type: "turn.approval_requested", approval });
    });
  }

  /**
   * Question and answer are told in one go, so that no card flashes up.
   * @param {Approval} approval @param {"grant" | "policy"} decided_by @returns {Promise<ApprovalDecision>}
   */
  async #allowed(approval, decided_by) {
    const { approval_id, turn_id } = approval;
    const decision = /** @type {const} */ ("allow");
    const ticket_id = await this.tickets.mint(approval);
    this.emit(turn_id, { type: "turn.approval_requested", approval });
    this.emit(turn_id, { type: "turn.approval_decided", approval_id, decision, decided_by });
    this.decided(approval, decision, decided_by);
    return { decision, decided_by, ticket_id };
  }

  /** The user's click. @param {string} approval_id @param {"allow" | "deny"} decision @param {"once" | "chat_site"} [scope] */
  async decide(approval_id, decision, scope = "once") {
    const waiting = this.pending.get(approval_id);
    if (!waiting) {
      throw problem(
        "approval_gone",
        "This request is no longer waiting: it was decided, timed out, or its page changed.",
        "Ask again if you still want it.",
      );
    }
    const { approval, receiver } = waiting;
    if (decision === "allow" && scope === "chat_site") {
      if (!approval.effect.grantable) {
        throw problem(
          "not_grantable",
          "This can only be allowed one call at a time.",
          "Choose Allow or Deny.",
        );
      }
      this.grants.add(grantOf(approval, receiver));
    }
    await waiting.settle(decision, "user");
  }

  /** @param {string} conversation_id */
  forgetConversation(conversation_id) {
    for (const grant of this.grants)
      if (JSON.parse(grant)[0] === conversation_id) this.grants.delete(grant);
  }

  /** Deny all that match. @param {(approval: Approval) => boolean} match @param {DecidedBy} by */
  async denyWhere(match, by) {
    const hit = [...this.pending.values()].filter(({ approval }) => match(approval));
    await Promise.all(hit.map(({ settle }) => settle("deny", by)));
  }

  /** @param {string} conversation_id */
  list(conversation_id) {
    return [...this.pending.values()]
      .map(({ approval }) => approval)
      .filter((approval) => approval.conversation_id === conversation_id);
  }
}
