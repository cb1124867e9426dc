/** The panel begins: elements first, so that it can be used; then who we are, then the assistant. */
import "../shared/no-network.js";
import { openConversation, start } from "./actions.js";
import { watchActivity } from "./activity.js";
import { $, setText } from "./dom.js";
import "./elements/chat-log.js";
import "./elements/composer.js";
import "./elements/conversation-list.js";
import "./elements/empty-state.js";
import "./elements/link-ask.js";
import "./elements/page-chip.js";
import "./elements/privacy-view.js";
import "./elements/reading-view.js";
import "./elements/state-line.js";
import { icon } from "./icons.js";
import { conversationOfWindow, currentWindowId } from "./memory.js";
import { watchSettings } from "./privacy.js";
import { store } from "./store.js";
import { S } from "./strings.js";

const list = /** @type {import("./elements/conversation-list.js").ConversationList} */ (
  $(document, "conversation-list")
);
const composer = /** @type {import("./elements/composer.js").Composer} */ (
  $(document, "chat-composer")
);

/** @param {string} id @param {string} name @param {string} label @param {() => void} act */
function headButton(id, name, label, act) {
  const button = $(document, `#${id}`);
  button.append(icon(name));
  button.setAttribute("aria-label", label);
  button.title = label;
  button.addEventListener("click", act);
}

/** @param {string | null} id */
function open(id) {
  openConversation(id).catch(() => {}); // the state line tells of a lost connection
  composer.box?.focus();
}

headButton("open-list", "menu", S.open_conversations, () => list.open());
headButton("new-chat", "plus", S.new_chat, () => open(null));
store.watch(["title"], () => setText($(document, "#title"), store.state.title || S.name));
document.addEventListener("open-conversation", (event) =>
  open(/** @type {CustomEvent<string>} */ (event).detail),
);
document.addEventListener("compose", (event) => {
  const { draft, message } = /** @type {CustomEvent} */ (event).detail;
  composer.write(draft, message);
});

async function begin() {
  const window_id = await currentWindowId();
  store.set({ window_id });
  watchSettings();
  watchActivity();
  await start(await conversationOfWindow(window_id));
}
begin();
