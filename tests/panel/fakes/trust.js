/** Parts of the fake bus: settings and servers of the background, decisions, ledger and files of the assistant. */
import { problem } from "../../../shared/errors.js";

export const SETTINGS = {
  level: "device",
  max_level: "web",
  servers: [],
  local_changes: "ask",
  disabled_tools: [],
  managed: [],
};

/** What trust handlers work on, part of `fake`. */
export const trust = {
  settings: structuredClone(SETTINGS),
  /** API keys by server id: never in the settings. */
  keys: new Map(),
  /** The models each server tells of, by base URL. */
  served: new Map([
    ["http://localhost:11434/v1", ["qwen3:8b", "gemma3:4b"]],
    ["http://127.0.0.1:11434/v1", ["qwen3:8b"]],
  ]),
  decisions: [],
  ledger: [],
  imported: [],
};

/** @param {any} fake */
export function trustHandlers(fake) {
  const settled = () => {
    fake.app = { ...fake.app, settings: structuredClone(fake.settings) };
    fake.broadcast({ type: "panel.settings_changed", settings: fake.settings });
    return { settings: structuredClone(fake.settings) };
  };
  const server = (id) => fake.settings.servers.find((one) => one.server_id === id);
  return {
    "background.read_settings": () => ({ settings: structuredClone(fake.settings) }),
    "background.set_level": ({ level }) => {
      fake.settings.level = level;
      return settled();
    },
    "background.set_local_changes": ({ local_changes }) => {
      fake.settings.local_changes = local_changes;
      return settled();
    },
    "background.save_server": ({ server_id, label, base_url, key }) => {
      const known = server(server_id);
      if (key) fake.keys.set(server_id, key);
      else if (key === "") fake.keys.delete(server_id);
      const saved = { server_id, label, base_url, has_key: fake.keys.has(server_id), models: [] };
      if (known) Object.assign(known, { ...saved, models: known.models });
      else fake.settings.servers.push(saved);
      return settled();
    },
    "background.remove_server": ({ server_id }) => {
      fake.settings.servers = fake.settings.servers.filter((one) => one.server_id !== server_id);
      return settled();
    },
    "offscreen.connect_server": ({ server_id }) => {
      const one = server(server_id);
      const names = fake.served.get(one.base_url);
      if (!names) {
        throw problem(
          "server_unreachable",
          `${new URL(one.base_url).host} did not answer.`,
          "Start the server, then try again.",
          true,
        );
      }
      one.models = names.map((name) => ({ name, context_window_tokens: 8192 }));
      const others = fake.app.models.filter((model) => model.server_id !== server_id);
      fake.setApp({
        models: [
          ...others,
          ...names.map((name) => ({
            model_id: `${server_id}/${name}`,
            label: name,
            family: "openai",
            description: `${name} on ${one.label}`,
            size_bytes: 0,
            context_window_tokens: 8192,
            embedded: false,
            provider: "openai",
            server_id,
          })),
        ],
      });
      return settled();
    },
    "offscreen.list_decisions": () => ({ decisions: structuredClone(fake.decisions) }),
    "offscreen.undo_decision": ({ approval_id }) => {
      const found = fake.decisions.find((one) => one.approval_id === approval_id);
      if (found?.undo !== "available")
        throw problem("cannot_undo", "This can no longer be undone.", "Change it by hand.");
      found.undo = "undone";
      fake.notify({ type: "panel.decisions_changed" });
      return { done: true };
    },
    "offscreen.list_ledger": () => ({ entries: structuredClone(fake.ledger) }),
    "offscreen.clear_ledger": () => {
      fake.ledger = [];
      fake.notify({ type: "panel.ledger_changed" });
      return { done: true };
    },
    "offscreen.export_conversations": ({ conversation_id }) => ({
      format: "sidelight-conversations-1",
      exported_at_ms: 1_790_000_000_000,
      conversations: [...fake.conversations.values()].filter(
        (one) => one.summary.conversation_id === conversation_id,
      ),
    }),
    "offscreen.import_conversations": ({ file }) => {
      for (const one of file.conversations) {
        const id = `c-imported-${fake.imported.length}`;
        const summary = { ...one.summary, conversation_id: id, imported: true };
        fake.imported.push(id);
        fake.conversations.set(id, { summary, messages: one.messages });
      }
      fake.keep();
      return { conversations: file.conversations.length };
    },
  };
}
