/** No ticket, no effect: minted from the user's click, for one call with these arguments, used once. */
import { problem } from "../shared/errors.js";

const LIFETIME_MS = 60_000;

/** JSON with sorted keys: equal arguments give equal text. @param {any} value @returns {string} */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value && typeof value === "object") {
    const keys = Object.keys(value).sort();
    return `{${keys.map((k) => `${JSON.stringify(k)}:${canonical(value[k])}`).join(",")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

/** @param {any} call */
async function binding(call) {
  const text = canonical({
    conversation_id: call.conversation_id,
    turn_id: call.turn_id,
    tool_call_id: call.tool_call_id,
    tool_name: call.tool_name,
    arguments: call.arguments,
    origin: call.page?.origin ?? null,
    document_id: call.page?.document_id ?? null,
    tab_id: call.page?.tab_id ?? null,
  });
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Tickets {
  constructor() {
    /** @type {Map<string, {bound_to: string, expires_at_ms: number}>} */
    this.open = new Map();
  }

  /** @param {any} call conversation_id, tool_call_id, tool_name, arguments, page */
  async mint(call) {
    const now_ms = Date.now();
    for (const [id, { expires_at_ms }] of this.open)
      if (expires_at_ms < now_ms) this.open.delete(id);
    const ticket_id = crypto.randomUUID();
    const bound_to = await binding(call);
    this.open.set(ticket_id, { bound_to, expires_at_ms: now_ms + LIFETIME_MS });
    return ticket_id;
  }

  /** Use a ticket up. @param {string | null | undefined} ticket_id @param {any} call */
  async spend(ticket_id, call) {
    const ticket = ticket_id ? this.open.get(ticket_id) : undefined;
    if (ticket_id) this.open.delete(ticket_id);
    if (!ticket || ticket.expires_at_ms < Date.now() || ticket.bound_to !== (await binding(call))) {
      throw problem(
        "not_approved",
        `The tool ${call.tool_name} was not run: there is no approval for exactly this call.`,
        "Ask again and approve the request when it is shown.",
      );
    }
  }
}
