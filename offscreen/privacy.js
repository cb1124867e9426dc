/** Requests of the panel about what was decided, what left the device, servers, and conversations as files. */
import { request } from "../shared/bus.js";
import { problem } from "../shared/errors.js";
import { readServerModels } from "./servers.js";
import { exportConversation, importConversations } from "./transfer.js";

/**
 * @param {{
 *   storage: import("./storage/client.js").Storage,
 *   decisions: import("./decisions.js").Decisions,
 *   network: import("./network-host.js").NetworkHost,
 *   ready: () => Promise<void>,
 *   push: (body: any) => void,
 *   settings: () => import("../shared/contract.js").Settings,
 * }} parts
 */
export function privacyHandlers({ storage, decisions, network, ready, push, settings }) {
  return {
    "offscreen.list_decisions": async () => ({ decisions: await decisions.list() }),
    async "offscreen.undo_decision"(/** @type {any} */ { approval_id }) {
      await decisions.undo(approval_id);
      return { done: true };
    },
    "offscreen.list_ledger": async () => ({ entries: await storage.listLedger() }),
    async "offscreen.clear_ledger"() {
      await storage.clearLedger();
      push({ type: "panel.ledger_changed" });
      return { done: true };
    },
    async "offscreen.connect_server"(/** @type {any} */ { server_id }) {
      await ready();
      const server = settings().servers.find((one) => one.server_id === server_id);
      if (!server) {
        throw problem("not_found", "There is no such server.", "Add it under Privacy.");
      }
      const models = await readServerModels(network, server);
      const { base_url } = server;
      return request({ type: "background.write_server_models", server_id, base_url, models });
    },
    "offscreen.export_conversations": (/** @type {any} */ { conversation_id }) =>
      exportConversation(storage, conversation_id),
    async "offscreen.import_conversations"(/** @type {any} */ { file }) {
      const result = await importConversations(storage, file);
      push({ type: "panel.conversations_changed" });
      return result;
    },
  };
}
