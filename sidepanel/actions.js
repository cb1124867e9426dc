/**
 * What the user can do, from the elements' side: ask, stop, decide, retry, open, delete.
 * @import { Ask, MessageView } from "./types.js"
 */
import { request } from "../shared/bus.js";
import { problem, toErrorData } from "../shared/errors.js";
import { onNotice } from "./incoming.js";
import {
  dropDraft,
  forgetConversation,
  readChoice,
  readDraft,
  rememberConversation,
  writeChoice,
  writeDraft,
} from "./memory.js";
import { PageWatcher } from "./page-watcher.js";
import { SessionClient } from "./session-client.js";
import { newId, store } from "./store.js";
import { S } from "./strings.js";
import { isRunning, newView, viewKey } from "./turn-view.js";

export const client = new SessionClient(store);
export const page_watcher = new PageWatcher(store);

const STOP_LIMIT_MS = 6000;

/** Start a turn. Returns why not, as text to show, or null. @param {Ask} ask @returns {string | null} */
export function ask({ text, with_page, tool_choice = "auto", refs, parent_id }) {
  if (store.state.live) return S.wait_or_stop;
  // What it would follow is not known.
  if (store.state.open_error) return S.not_open;
  if (text.length > S.max_chars) return S.too_long(text.length);
  if (store.blocked) return S.model_blocked(store.model?.label ?? "");
  const needs_page = with_page || tool_choice === "read_page";
  if (needs_page && !refs && !store.readablePage) {
    document.dispatchEvent(new Event("explain-page"));
    return S.page_not_readable;
  }
  if (with_page && !refs && !store.attached) page_watcher.setAttached(true);
  const context_refs = refs ?? (with_page ? page_watcher.refs() : []);
  const turn_id = newId("t");
  const parent =
    parent_id === undefined
      ? (store.state.messages.findLast((view) => view.message_id)?.message_id ?? null)
      : parent_id;
  const user = newView({
    key: viewKey("user", turn_id),
    role: "user",
    turn_id,
    parent_id: parent,
    text,
    refs: context_refs,
    tool_choice,
  });
  const view = newView({
    key: viewKey("assistant", turn_id),
    role: "assistant",
    turn_id,
    status: "pending",
    stage_since_ms: Date.now(),
  });
  store.set({
    messages: [...store.state.messages, user, view],
    live: { turn_id, last_seq: -1, view, sent: false, accepted: false, stopping: false },
  });
  rememberConversation(store.state.window_id, store.state.conversation_id);
  send(user, view, context_refs);
  return null;
}

/** @param {MessageView} user @param {MessageView} view @param {import("../shared/contract.js").ContextRef[]} refs */
async function send(user, view, refs) {
  const { conversation_id } = store.state;
  const turn_id = /** @type {string} */ (user.turn_id);
  const page = store.readablePage; // as shown when the user sent, not when the connection is up
  await null; // the box is emptied first
  // Until the assistant has stored the words, they stay a draft: the panel may be closed now.
  if (!readDraft(conversation_id)) writeDraft(conversation_id, user.text);
  try {
    await client.open();
    await client.attached;
    const { live } = store.state;
    if (live?.view !== view || !isRunning(view)) return; // stopped, or another conversation was opened
    const model = store.model;
    if (!model) throw problem("no_model", S.no_model, S.not_connected_hint, true);
    live.sent = true;
    const result = await client.request(
      {
        type: "offscreen.run_turn",
        turn_id,
        conversation_id,
        parent_id: user.parent_id,
        text: user.text,
        context_refs: /** @type {import("../shared/contract.js").RunTurn["context_refs"]} */ (refs),
        page,
        model_id: model.model_id,
        options: { tool_choice: user.tool_choice },
      },
      60, // the user's message is stored before the answer to this
    );
    live.accepted = true;
    dropDraft(conversation_id, user.text);
    user.message_id ??= result.user_message_id;
    view.message_id ??= result.assistant_message_id;
    store.touch(user);
    if (conversation_id === store.state.conversation_id) page_watcher.markRead(refs);
  } catch (error) {
    const data = toErrorData(error);
    // A lost connection is no verdict: the next attach tells whether the turn runs.
    if (view.status !== "pending") return;
    if (data.code === "disconnected" && store.state.live?.sent) return;
    view.status = "failed";
    view.error = data;
    if (store.state.live?.view === view) store.set({ live: null });
    store.touch(view);
  }
}

export async function stop() {
  const { live } = store.state;
  if (!live) return;
  if (!live.sent) {
    live.view.status = "stopped";
    store.set({ live: null });
    store.touch(live.view);
    return;
  }
  live.stopping = true;
  store.set({ live });
  const again = () => {
    live.stopping = false;
    if (store.state.live === live) store.set({ live });
  };
  const timer = setTimeout(again, STOP_LIMIT_MS);
  try {
    await client.request({ type: "offscreen.stop_turn", turn_id: live.turn_id });
  } catch {
    clearTimeout(timer);
    again();
  }
}

/**
 * The user's click on a card.
 * @param {string} approval_id @param {"allow" | "deny"} decision
 * @param {"once" | "chat_site"} [scope]
 */
export async function decide(approval_id, decision, scope = "once") {
  await client.request({ type: "offscreen.decide_approval", approval_id, decision, scope });
}

/**
 * The same words again, from the same parent. Returns what to tell when the text went back to the box instead.
 * @param {MessageView} view the failed or stopped answer
 * @returns {{draft: string, message: string} | null}
 */
export function retry(view) {
  const { messages } = store.state;
  const at = messages.indexOf(view);
  const user = messages[at - 1];
  if (!user || store.state.live) return null;
  const had_context = user.context.length > 0;
  if (!user.refs && had_context) {
    const page = store.readablePage;
    const same = page && user.context.every((c) => c.kind === "page" && c.origin === page.origin);
    if (!same) return { draft: user.text, message: S.retry_gone };
    user.refs = page_watcher.refs();
  }
  store.set({ messages: messages.slice(0, at - 1) });
  const { text, parent_id, tool_choice } = user;
  const message = ask({ text, with_page: false, refs: user.refs ?? [], parent_id, tool_choice });
  return message ? { draft: text, message } : null;
}

/** Show another conversation, or a new one. @param {string | null} id */
export async function openConversation(id) {
  const conversation_id = id ?? newId("c");
  const title = store.state.conversations?.find((c) => c.conversation_id === id)?.title ?? "";
  store.set({ conversation_id, is_new: !id, open_error: null, title, messages: [], live: null });
  store.set({ imported: false });
  store.set({ choice: { on: false, origin: null, read_document_id: null } });
  rememberConversation(store.state.window_id, conversation_id);
  const choice = await readChoice(conversation_id);
  if (store.state.conversation_id !== conversation_id) return;
  store.set({ choice });
  page_watcher.refresh();
  await client.attach();
}

export async function refreshConversations() {
  const result = await client.request({ type: "offscreen.list_conversations" });
  const { conversations } = result;
  const own = conversations.find((c) => c.conversation_id === store.state.conversation_id);
  store.set({ conversations, title: own?.title ?? store.state.title });
}

/** @param {string} conversation_id */
export async function deleteConversation(conversation_id) {
  await client.request({ type: "offscreen.delete_conversation", conversation_id });
  forgetConversation(conversation_id);
  if (conversation_id === store.state.conversation_id) await openConversation(null);
  await refreshConversations();
}

/** @param {string} model_id */
export async function loadModel(model_id) {
  store.set({ model_id });
  // Progress and failure come as states; the answer may take as long as the load.
  await client.request({ type: "offscreen.load_model", model_id }, 600);
}

/** A job parked by the context menu runs at once, in this conversation if it is still empty. */
async function takeHandoff() {
  const { window_id } = store.state;
  if (window_id === null) return;
  const { handoff } = await request({ type: "background.take_handoff", window_id });
  if (!handoff) return;
  if (store.state.messages.length || store.state.open_error)
    await openConversation(null).catch(() => {});
  const { page, block } = handoff;
  ask({
    text: S.summarize_selection,
    with_page: false,
    refs: [{ kind: "selection", page, block }],
  });
}

/** Begin: page state, attach and a parked job, none waiting for another. @param {string | null} id null: a new one */
export async function start(id) {
  const conversation_id = id ?? newId("c");
  store.set({ conversation_id, is_new: !id });
  const choice = await readChoice(conversation_id);
  store.set({ choice });
  writeChoice(conversation_id, choice);
  page_watcher.refresh();
  onNotice("panel.handoff_ready", ({ window_id }) => {
    if (window_id === store.state.window_id) takeHandoff().catch(() => {});
  });
  client.onConversationsChanged = () => {
    refreshConversations().catch(() => {});
  };
  await client.open().catch(() => {});
  await takeHandoff().catch(() => {});
}
