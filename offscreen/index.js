/** The offscreen document: wires storage, engine, Python and the panels' ports. Light: workers start on first need. */
import { accept, serve } from "../shared/bus.js";
import { problem } from "../shared/errors.js";
import { Approvals } from "./approvals.js";
import { EngineHost } from "./engine-host.js";
import { makeExecutor } from "./executors.js";
import { loadModels } from "./models.js";
import { PythonHost } from "./python-host.js";
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
const DEFAULT_MODEL = "starter";
/** @type {import("../shared/contract.js").ModelInfo[]} */
let models = [];
let model_id = DEFAULT_MODEL;
const ready = Promise.all([
  loadModels().then((found) => {
    models = found;
  }),
  storage.readChoice("model").then((chosen) => {
    model_id = chosen ?? DEFAULT_MODEL;
  }),
  storage.closeInterrupted(),
]).then(() => {
  // A release may carry other models than the version that stored the choice.
  if (!models.some((model) => model.model_id === model_id)) model_id = DEFAULT_MODEL;
});

/** @param {string} chosen */
async function choose(chosen) {
  if (!models.some((model) => model.model_id === chosen)) {
    throw problem("unknown_model", `There is no model ${chosen}.`, "Choose another model.");
  }
  model_id = chosen;
  await storage.writeChoice("model", chosen);
}

const app = () => ({
  engine: engine.state,
  python: python.state,
  models,
  model_id,
  active_turns: turns.list(),
});
const pushState = () => push({ type: "panel.app_state", app: app() });

const tickets = new Tickets();
const approvals = new Approvals(tickets, (turn_id, event) => turns.emit(turn_id, event));
const execute = makeExecutor(storage, tickets);
const engine = new EngineHost(pushState);
const python = new PythonHost({
  engine_port: () => engine.port(),
  handlers: {
    "offscreen.ask_approval": ({ approval }) => approvals.ask(approval),
    "offscreen.execute_tool": execute,
  },
  on_events: (batch) => turns.receive(batch),
  on_state: pushState,
  on_lost: (error) => turns.lost(error),
});
const turns = new Turns({
  storage,
  engine,
  python,
  approvals,
  get models() {
    return models;
  },
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
  async "offscreen.attach"(/** @type {any} */ { conversation_id, turn_id, last_seq }) {
    await ready;
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
    await ready;
    await choose(body.model_id);
    return turns.run(body);
  },
  async "offscreen.stop_turn"(/** @type {any} */ { turn_id }) {
    await turns.stop(turn_id);
    return { done: true };
  },
  async "offscreen.decide_approval"(/** @type {any} */ { approval_id, decision }) {
    await approvals.decide(approval_id, decision);
    return { done: true };
  },
  async "offscreen.list_conversations"() {
    await ready;
    return { conversations: await storage.listConversations() };
  },
  "offscreen.read_conversation": (/** @type {any} */ body) => conversationOf(body.conversation_id),
  async "offscreen.delete_conversation"(/** @type {any} */ { conversation_id }) {
    await turns.stopConversation(conversation_id);
    await storage.deleteConversation(conversation_id);
    if (python.state.state === "ready") {
      await python.request({ type: "python.close_conversation", conversation_id });
    }
    push({ type: "panel.conversations_changed" });
    return { done: true };
  },
  async "offscreen.read_state"() {
    await ready;
    return app();
  },
  async "offscreen.load_model"(/** @type {any} */ body) {
    await ready;
    await choose(body.model_id);
    // Progress and failure are in the state that is pushed; the request only starts the load.
    engine.load(model_id).catch(() => {});
    python.ready().catch(() => {});
    return { done: true };
  },
};

serve("offscreen", {
  async "offscreen.tab_changed"({ tab_id, document_id, origin }) {
    await approvals.denyWhere(
      ({ page }) =>
        page?.tab_id === tab_id && (page.document_id !== document_id || page.origin !== origin),
      "page_changed",
    );
    return { done: true };
  },
});

accept("assistant", "offscreen", /** @type {any} */ (handlers), (channel) => {
  channels.add(channel);
  channel.onClose(() => channels.delete(channel));
});
await ready;
pushState();
