/**
 * The panel's world without an extension: bus.js's interface, an assistant with a journal and a store that a test
 * drives through window.fake, and a background that answers what it is told to.
 */

import { BusError, problem } from "../../../shared/errors.js";
import { foldEvent, newMessage } from "../../../shared/turn-fold.js";
import { activeTurns, MODEL, makeBrowser, session } from "./parts.js";
import { readPage } from "./reading.js";
import { SETTINGS, trust, trustHandlers } from "./trust.js";

export { BusError };

export const fake = {
  ...trust,
  window_id: 1,
  requests: [],
  broadcasts: new Map(),
  channels: new Set(),
  app: {
    engine: { state: "idle", progress: 0, elapsed_s: 0 },
    python: { state: "idle" },
    models: [MODEL],
    model_id: "starter",
    active_turns: [],
    settings: structuredClone(SETTINGS),
  },
  page: {
    state: "readable",
    reason: "",
    hint: "",
    title: "How lighthouses were lit",
    host: "harbour.example",
    page: {
      tab_id: 7,
      document_id: "doc-1",
      origin: "https://harbour.example",
      title: "How lighthouses were lit",
    },
    can_request_origin: true,
  },
  handoff: null,
  grant: true,
  permission_calls: [],
  /** Requests of these types fail with this error: type -> ErrorData. */
  failing: {},
  /** Requests of these types never get an answer. */
  silent: new Set(),
  conversations: new Map(Object.entries(JSON.parse(sessionStorage.getItem("fake.store") ?? "{}"))),
  turns: new Map(Object.entries(JSON.parse(sessionStorage.getItem("fake.turns") ?? "{}"))),
  approvals: new Map(Object.entries(JSON.parse(sessionStorage.getItem("fake.approvals") ?? "{}"))),

  keep() {
    sessionStorage.setItem("fake.store", JSON.stringify(Object.fromEntries(this.conversations)));
    sessionStorage.setItem("fake.turns", JSON.stringify(Object.fromEntries(this.turns)));
    sessionStorage.setItem("fake.approvals", JSON.stringify(Object.fromEntries(this.approvals)));
  },

  /** Add one event to a turn's journal; `push` false leaves it for the next attach. */
  emit(turn_id, event, push = true) {
    const turn = this.turns.get(turn_id);
    const numbered = { turn_id, seq: turn.events.length, event };
    turn.events.push(numbered);
    foldEvent(turn.answer, event);
    if (event.type === "turn.approval_requested")
      this.approvals.set(event.approval.approval_id, event.approval);
    if (event.type === "turn.approval_decided") this.approvals.delete(event.approval_id);
    if (event.type === "turn.finished") turn.finished = true;
    if (push) this.push(turn_id, [numbered]);
    this.keep();
    return numbered;
  },

  push(turn_id, events) {
    const { conversation_id } = this.turns.get(turn_id);
    this.notify({ type: "panel.turn_events", conversation_id, turn_id, events });
  },

  notify(body) {
    for (const channel of this.channels) for (const on of channel.on) on(structuredClone(body));
  },

  setApp(patch) {
    this.app = { ...this.app, ...patch };
    this.notify({ type: "panel.app_state", app: this.app });
  },

  setPage(patch) {
    this.page = { ...this.page, ...patch };
    this.broadcast({ type: "panel.page_changed", window_id: 1 });
  },

  broadcast(body) {
    for (const listener of this.broadcasts.get(body.type) ?? []) listener(structuredClone(body));
  },

  /** Settings as the background tells them to all. */
  setSettings(patch) {
    Object.assign(this.settings, patch);
    this.app = { ...this.app, settings: structuredClone(this.settings) };
    this.broadcast({ type: "panel.settings_changed", settings: this.settings });
  },

  /** The port dies, as when the offscreen document goes away. */
  drop() {
    for (const channel of [...this.channels]) channel.lose();
  },

  /** This panel is in a second window; the first one shows that conversation. */
  otherWindow(conversation_id) {
    this.window_id = 2;
    session.kept["panel.window.1"] = conversation_id;
  },

  /** A turn begun by someone else, such as another window's panel. */
  runTurn(body) {
    return handlers["offscreen.run_turn"](body);
  },

  lastRequest(type) {
    return this.requests.findLast((body) => body.type === type);
  },
};
for (const turn of fake.turns.values()) {
  const { messages } = fake.conversations.get(turn.conversation_id) ?? { messages: [] };
  turn.answer = messages.find((m) => m.message_id === turn.answer.message_id) ?? turn.answer;
}
globalThis.fake = fake;

const ids = { n: 0 };
const conversationOf = (id) => {
  const stored = fake.conversations.get(id);
  return stored ? structuredClone(stored) : null;
};

const handlers = {
  ...trustHandlers(fake),
  "background.ensure_offscreen": () => ({ done: true }),
  "background.page_state": () => structuredClone(fake.page),
  "background.read_page": ({ mode }) => readPage(mode, fake.page.page),
  "background.take_handoff": () => {
    const { handoff } = fake;
    fake.handoff = null;
    return { handoff };
  },
  "offscreen.attach": ({ conversation_id, turn_id, last_seq }) => {
    const all = [...fake.turns.values()].filter((t) => t.conversation_id === conversation_id);
    const turn = turn_id ? fake.turns.get(turn_id) : all.find((t) => !t.finished);
    return {
      app: { ...fake.app, active_turns: activeTurns(fake.turns) },
      conversation: conversationOf(conversation_id),
      turn_id: turn && !turn.finished ? turn.turn_id : null,
      events: structuredClone(turn?.events.slice(last_seq + 1) ?? []),
      approvals: [...fake.approvals.values()].filter((a) => a.conversation_id === conversation_id),
    };
  },
  "offscreen.run_turn": (body) => {
    const { turn_id, conversation_id, parent_id, text } = body;
    ids.n += 1;
    const user_message_id = `m-${turn_id}-u`;
    const assistant_message_id = `m-${turn_id}-a`;
    const now = Date.now() + ids.n;
    const common = { conversation_id, turn_id, created_at_ms: now };
    const user = newMessage({
      ...common,
      message_id: user_message_id,
      parent_id,
      role: "user",
      text,
      status: "complete",
    });
    const answer = newMessage({
      ...common,
      message_id: assistant_message_id,
      parent_id: user_message_id,
      created_at_ms: now + 0.5,
    });
    const stored = fake.conversations.get(conversation_id) ?? {
      summary: {
        conversation_id,
        title: text.slice(0, 60),
        created_at_ms: now,
        updated_at_ms: now,
        message_count: 0,
      },
      messages: [],
    };
    stored.messages.push(user, answer);
    stored.summary.message_count = stored.messages.length;
    stored.summary.updated_at_ms = now;
    fake.conversations.set(conversation_id, stored);
    fake.turns.set(turn_id, {
      turn_id,
      conversation_id,
      events: [],
      answer,
      finished: false,
      body,
    });
    fake.keep();
    setTimeout(() => {
      fake.notify({ type: "panel.conversations_changed" });
      fake.emit(turn_id, {
        type: "turn.started",
        conversation_id,
        user_message_id,
        assistant_message_id,
        model_id: body.model_id,
      });
      fake.onTurn?.(turn_id, body);
    });
    return { turn_id, user_message_id, assistant_message_id, place: 0 };
  },
  "offscreen.stop_turn": ({ turn_id }) => {
    const { answer } = fake.turns.get(turn_id);
    fake.emit(turn_id, {
      type: "turn.finished",
      status: "stopped",
      text: answer.text,
      transcript: [],
    });
    return { done: true };
  },
  "offscreen.decide_approval": ({ approval_id, decision }) => {
    const approval = fake.approvals.get(approval_id);
    if (!approval)
      throw problem("approval_gone", "This request is no longer waiting.", "Ask again.");
    fake.emit(approval.turn_id, {
      type: "turn.approval_decided",
      approval_id,
      decision,
      decided_by: "user",
    });
    fake.onDecision?.(approval, decision);
    return { done: true };
  },
  "offscreen.list_conversations": () => ({
    conversations: [...fake.conversations.values()].map((c) => structuredClone(c.summary)),
  }),
  "offscreen.read_conversation": ({ conversation_id }) => conversationOf(conversation_id),
  "offscreen.delete_conversation": ({ conversation_id }) => {
    fake.conversations.delete(conversation_id);
    fake.keep();
    return { done: true };
  },
  "offscreen.read_state": () => fake.app,
  "offscreen.load_model": () => ({ done: true }),
};

/** Everything crosses as JSON, as it does on a port. */
async function answer(body) {
  fake.requests.push(JSON.parse(JSON.stringify(body)));
  await new Promise((resolve) => setTimeout(resolve, 1));
  if (fake.silent.has(body.type)) return new Promise(() => {});
  const failure = fake.failing[body.type];
  if (failure) throw new BusError(failure);
  return JSON.parse(JSON.stringify(handlers[body.type](body)));
}

export const request = answer;
export const broadcast = (body) => fake.broadcast(body);

export function onBroadcast(type, listener) {
  const listeners = fake.broadcasts.get(type) ?? new Set();
  fake.broadcasts.set(type, listeners.add(listener));
  return () => listeners.delete(listener);
}

export function connect() {
  const on = [];
  const closers = [];
  const lost = () =>
    problem("disconnected", "The connection to the assistant was lost.", "Try again.", true);
  let open = true;
  let cut;
  const cutting = new Promise((_resolve, reject) => {
    cut = () => reject(lost());
  });
  cutting.catch(() => {});
  const channel = {
    on,
    request: (body) => (open ? Promise.race([answer(body), cutting]) : Promise.reject(lost())),
    notify() {},
    onNotify: (listener) => on.push(listener),
    onClose: (listener) => closers.push(listener),
    close: () => channel.lose(),
    lose() {
      if (!open) return;
      open = false;
      fake.channels.delete(channel);
      cut();
      for (const close of closers) close();
    },
  };
  fake.channels.add(channel);
  return channel;
}

export const browser = makeBrowser(fake);
