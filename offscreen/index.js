/** The offscreen document: wires storage, engine, Python and the panels' ports. Light: workers start on first need. */
import "../shared/no-network.js";
import { accept, request, serve } from "../shared/bus.js";
import { problem } from "../shared/errors.js";
import { Approvals } from "./approvals.js";
import { Builtin } from "./builtin.js";
import { Choices } from "./choices.js";
import { Decisions } from "./decisions.js";
import { EngineHost } from "./engine-host.js";
import { makeExecutor } from "./executors.js";
import { NetworkHost } from "./network-host.js";
import { privacyHandlers } from "./privacy.js";
import { PythonHost } from "./python-host.js";
import { pythonHandlers } from "./python-requests.js";
import { openStorage } from "./storage/client.js";
import { Tickets } from "./tickets.js";
import { Turns } from "./turns.js";

/** @typedef {import("../shared/bus.js").Channel} Channel */
/** @type {Set<Channel>} */
const channels = new Set();
const push = (/** @type {any} */ body) => {
  for (const channel of channels) channel.notify(body);
};
const storage = openStorage(new URL("storage/worker.js", import.meta.url).href);
const IDLE_LIMIT_MS = 10 * 60_000;
const askSettings = async () => (await request({ type: "background.read_settings" })).settings;
const builtin = new Builtin();
const choices = new Choices(
  storage,
  askSettings,
  (settings) => network.settingsChanged(settings),
  builtin,
);
const begin = () =>
  Promise.all([choices.begin(), storage.closeInterrupted(), storage.tidyRecords()]).then(() => {});
/** @type {Promise<void> | undefined} */
let beginning;
/** Models and storage are there; a failed start is tried again by the next request. */
function ready() {
  beginning ??= begin().catch((error) => {
    beginning = undefined;
    throw problem(
      "storage_failed",
      `The conversations cannot be opened: ${error instanceof Error ? error.message : error}`,
      "Free some disk space and try again; if that does not help, restart the browser.",
      true,
    );
  });
  return beginning;
}

const app = () => ({
  engine: engine.state,
  python: python.state,
  models: choices.models,
  model_id: choices.model_id,
  active_turns: turns.list(),
  settings: choices.settings,
});
const pushState = () => push({ type: "panel.app_state", app: app() });

const tickets = new Tickets();
const decisions = new Decisions(storage, () => push({ type: "panel.decisions_changed" }));
const approvals = new Approvals(
  tickets,
  (turn_id, event) => turns.emit(turn_id, event),
  (approval, decision, by) => decisions.decided(approval, decision, by),
);
const execute = makeExecutor(storage, tickets, request, (call, outcome, undo) =>
  decisions.ran(call, outcome, undo),
);
const network = new NetworkHost({
  storage,
  readKey: async (server_id, origin) =>
    (await request({ type: "background.read_key", server_id, origin })).key,
  on_ledger: () => push({ type: "panel.ledger_changed" }),
});
const engine = new EngineHost(pushState, (error) => python.replace(error));
const python = new PythonHost({
  engine_port: () => engine.port(),
  handlers: pythonHandlers({
    approvals,
    choices,
    execute,
    network,
    builtin,
    turns: () => turns,
    notify: (body) => python.notify(body),
  }),
  on_events: (batch) => turns.receive(batch),
  on_state: pushState,
  on_lost(error) {
    network.cancelAll();
    builtin.cancelAll();
    turns.lost(error);
  },
});
const turns = new Turns({
  storage,
  engine,
  python,
  approvals,
  choices,
  push,
  pushState,
});

/** @param {string} conversation_id */
async function conversationOf(conversation_id) {
  const found = await storage.readConversation(conversation_id);
  if (!found) {
    throw problem(
      "not_found",
      "This conversation is no longer there.",
      "Start a new conversation.",
    );
  }
  return found;
}

const handlers = {
  ...privacyHandlers({
    storage,
    decisions,
    network,
    ready,
    push,
    settings: () => choices.settings,
  }),
  async "offscreen.attach"(/** @type {any} */ { conversation_id, turn_id, last_seq }) {
    await ready();
    const active = turns.active(conversation_id);
    const wanted = turns.known.get(turn_id ?? "") ?? active;
    return {
      app: app(),
      conversation: conversation_id ? await storage.readConversation(conversation_id) : null,
      turn_id: wanted?.body.turn_id ?? null,
      events: wanted?.journal.after(wanted.body.turn_id === turn_id ? last_seq : -1) ?? [],
      approvals: conversation_id ? approvals.list(conversation_id) : [],
    };
  },
  async "offscreen.run_turn"(/** @type {any} */ body) {
    await ready();
    await choices.choose(body.model_id);
    return turns.run(body);
  },
  async "offscreen.stop_turn"(/** @type {any} */ { turn_id }) {
    await turns.stop(turn_id);
    return { done: true };
  },
  async "offscreen.decide_approval"(/** @type {any} */ { approval_id, decision, scope }) {
    await approvals.decide(approval_id, decision, scope);
    return { done: true };
  },
  async "offscreen.list_conversations"() {
    await ready();
    return { conversations: await storage.listConversations() };
  },
  "offscreen.read_conversation": (/** @type {any} */ body) => conversationOf(body.conversation_id),
  async "offscreen.delete_conversation"(/** @type {any} */ { conversation_id }) {
    await turns.stopConversation(conversation_id);
    await storage.deleteConversation(conversation_id);
    approvals.forgetConversation(conversation_id);
    if (python.state.state === "ready") {
      python.request({ type: "python.close_conversation", conversation_id }).catch(() => {});
    }
    push({ type: "panel.conversations_changed" });
    return { done: true };
  },
  async "offscreen.read_state"() {
    await ready();
    return app();
  },
  async "offscreen.load_model"(/** @type {any} */ body) {
    await ready();
    await choices.choose(body.model_id);
    // Progress and failure are in the state that is pushed; the request only starts the load.
    await turns.background.giveWay();
    if (choices.needsEngine(choices.find(choices.model_id))) {
      engine
        .load(choices.model_id)
        .catch(() => {})
        .finally(() => turns.background.next());
    } else turns.background.next();
    python.ready().catch(() => {});
    return { done: true };
  },
};

serve("offscreen", {
  async "offscreen.settings_changed"(body) {
    // First what must stop, whatever the storage does.
    network.settingsChanged(body.settings);
    await ready();
    choices.use(body.settings);
    pushState();
    return { done: true };
  },
  async "offscreen.tab_changed"({ tab_id, document_id, origin }) {
    await approvals.denyWhere(
      ({ page }) =>
        page?.tab_id === tab_id && (page.document_id !== document_id || page.origin !== origin),
      "page_changed",
    );
    return { done: true };
  },
});

accept("assistant", /** @type {any} */ (handlers), (channel) => {
  channels.add(channel);
  clearTimeout(idle_timer);
  channel.onClose(() => {
    channels.delete(channel);
    closeWhenIdle();
  });
});

/** @type {ReturnType<typeof setTimeout> | undefined} */
let idle_timer;
/** Without a panel and without work the document goes, and with it the model's memory. */
function closeWhenIdle() {
  clearTimeout(idle_timer);
  if (channels.size > 0) return;
  idle_timer = setTimeout(() => {
    if (turns.list().length > 0) closeWhenIdle();
    else window.close();
  }, IDLE_LIMIT_MS);
}
closeWhenIdle();
ready().then(pushState, console.error);
