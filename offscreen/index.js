/** The offscreen document: wires storage, engine, Python and the panels' ports. Light: workers start on first need. */
import { accept, request, serve } from "../shared/bus.js";
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
const IDLE_LIMIT_MS = 10 * 60_000;
/** @type {import("../shared/contract.js").ModelInfo[]} */
let models = [];
let model_id = DEFAULT_MODEL;
async function begin() {
  const [found, chosen] = await Promise.all([
    loadModels(),
    storage.readChoice("model"),
    storage.closeInterrupted(),
  ]);
  models = found;
  // A release may carry other models than the version that stored the choice.
  model_id = models.some((model) => model.model_id === chosen) ? String(chosen) : DEFAULT_MODEL;
}
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

/** @param {string} chosen */
async function choose(chosen) {
  if (!models.some((model) => model.model_id === chosen)) {
    throw problem("unknown_model", `There is no model ${chosen}.`, "Choose another model.");
  }
  if (chosen === model_id) return;
  model_id = chosen;
  // Only a convenience: a full disk must not stop the question.
  await storage.writeChoice("model", chosen).catch(() => {});
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
const execute = makeExecutor(storage, tickets, request);
const engine = new EngineHost(pushState, (error) => python.replace(error));
const openTurn = (/** @type {string} */ turn_id) => {
  if (turns.isOpen(turn_id)) return;
  throw problem("turn_over", "The answer was stopped or has ended.", "Ask again if needed.");
};
const python = new PythonHost({
  engine_port: () => engine.port(),
  handlers: {
    "offscreen.ask_approval": ({ approval }) => {
      openTurn(approval.turn_id);
      return approvals.ask(approval);
    },
    "offscreen.execute_tool": (call) => {
      openTurn(call.turn_id);
      return execute(call);
    },
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
    await ready();
    return { conversations: await storage.listConversations() };
  },
  "offscreen.read_conversation": (/** @type {any} */ body) => conversationOf(body.conversation_id),
  async "offscreen.delete_conversation"(/** @type {any} */ { conversation_id }) {
    await turns.stopConversation(conversation_id);
    await storage.deleteConversation(conversation_id);
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
