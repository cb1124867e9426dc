/** Every word the panel says. Text from pages, models and tools never passes through here as markup. */
import { countdown, megabytes, number, percent, plural, rate, seconds } from "./format.js";
import { PRIVACY } from "./strings-privacy.js";

/** @typedef {import("../shared/contract.js").TurnStatus} TurnStatus */

export const S = {
  ...PRIVACY,

  name: "Sidelight",
  new_chat: "New chat",
  conversations: "Conversations",
  open_conversations: "Open conversations",
  close: "Close",
  conversation_log: "Conversation",
  jump_to_latest: "Latest",

  // Empty state
  welcome: "Ask about the page beside you.",
  welcome_text:
    "Sidelight answers in this panel, with a model that runs on this computer. It reads a page only when you attach it.",
  summarize_page: "Summarize this page",
  summarize_page_ask: "Summarize this page.",
  ask_page: "What does this page say about …",
  ask_page_draft: "What does this page say about ",
  add_todo: "Add something to my to-do list",
  add_todo_hint: "/todo",
  add_todo_draft: "/todo ",
  needs_page: "needs a page that can be read",
  answers_now: (/** @type {string} */ label) => `Answering: ${label}`,
  suggestions: "Suggestions",

  // Composer
  message: "Message",
  placeholder: "Ask, or type / for commands",
  send: "Send",
  stop: "Stop",
  stopping: "Stopping …",
  max_chars: 200_000,
  too_long: (/** @type {number} */ chars) =>
    `Too long by ${plural(chars - 200_000, { one: "# character", other: "# characters" })}: a message can have ${number(200_000)}. Nothing was cut; shorten it and send again.`,
  wait_or_stop: "An answer is running. Stop it first, or wait: your text stays here.",
  draft_not_stored:
    "There is no room to store this draft: it would be lost when the panel closes. Send it, or delete text in other chats.",
  commands: "Commands",
  command_needs: (/** @type {string} */ name, /** @type {string} */ what) =>
    `${name} needs ${what} after it.`,
  command_unknown: (/** @type {string} */ name) =>
    `There is no command ${name}. Type / to see the commands, or put a space before it to send it as text.`,
  read_help: "Read the page with the tool (asks you first)",
  read_ask: "Read this page.",
  todo_help: "Add TEXT to your to-do list (asks you first)",
  todo_ask: (/** @type {string} */ text) => `add ${text} to my to-do list`,
  page_help: "Ask about the page, with the page attached",
  new_help: "Start a new chat",
  a_text: "a text",
  a_question: "a question",
  page_not_readable: "The page cannot be attached. The lines above say why, and what helps.",

  // Page chip
  page_checking: "Looking at the tab …",
  page_unknown: "The tab's state is not known.",
  page_on: "Will be read",
  page_on_again: "Changed, will be read again",
  page_off: "Not attached",
  page_attach: "Attach this page to the next message",
  page_detach: "Do not attach this page",
  reading_open: "See what is read of this page",
  page_changed: "Changed since it was read",
  page_click: "Needs a click",
  page_unreadable: "Cannot be read",
  always_on_site: "Always on this site",
  always_title:
    "Let Sidelight read pages of this site without a click on its icon. The browser asks you.",
  permission_refused:
    "Not granted: Sidelight reads this site only after a click on its toolbar icon.",
  untitled: "Untitled page",

  // Messages
  you: "You",
  answer: "Answer",
  selection: "Selection",
  page: "Page",
  table: "Table",
  summarize_selection: "Summarize the selection.",
  read_share: (/** @type {number} */ part) => (part >= 1 ? "read whole" : `${percent(part)} read`),
  thinking: "Thinking",
  thought: "Thoughts",
  stopped: "Stopped. The answer up to here is kept.",
  stopped_before: "Stopped before an answer came.",
  show_all: "Show all",
  show_less: "Show less",
  copied: "Copied",
  copy_answer: "Copy answer",
  copy_code: "Copy code",
  copy_details: "Copy details",
  copy_failed: "Copying failed",
  retry: "Retry",
  use_model: (/** @type {string} */ label, /** @type {string | null} */ host) =>
    host ? `Use ${label} at ${host}` : `Use ${label}`,
  retry_gone:
    "What was attached is no longer at hand. Your text is back in the box: attach the page again and send.",
  tool_status: {
    running: "running",
    waiting: "waits for you",
    ok: "done",
    denied: "denied",
    timed_out: "timed out",
    error: "failed",
    unknown: "no result",
  },
  tool_arguments: "Arguments",
  tool_result: "Result",
  no_arguments: "none",
  elapsed: (/** @type {number} */ s) => seconds(s),
  slow: "Longer than usual. You can wait, or stop.",

  // Approval
  approval_title: "Allow this?",
  approval_about: "What will be done",
  approval_tool: "Tool",
  approval_site: "Site",
  approval_does: "It will",
  approval_reads: "read",
  approval_writes: "change data",
  approval_sends: "send data out",
  approval_runs: "run code",
  approval_data: "Data",
  approval_chars: (/** @type {number} */ chars) =>
    plural(chars, { one: "# character", other: "# characters" }),
  approval_no_site: "none: stays in Sidelight",
  allow_once: "Allow once",
  deny: "Deny",
  approval_left: (/** @type {number} */ s) => `Denied by itself in ${countdown(s)}`,
  approval_over: "Time is up: denied",
  approval_said: (/** @type {string} */ title, /** @type {boolean} */ focused) =>
    `Your decision is needed: ${title}.${focused ? " Deny has the focus; Escape denies." : ""}`,
  not_done: (/** @type {string} */ decided, /** @type {string} */ title) =>
    `${decided}. Not done: ${title}`,
  approval_elsewhere: "Another conversation waits for your decision.",
  open: "Open",

  // Meter
  meter: (/** @type {import("../shared/contract.js").Usage} */ u) =>
    [
      plural(u.prompt_tokens, { one: "# token read", other: "# tokens read" }),
      `${number(u.completion_tokens)} written`,
      typeof u.time_to_first_token_s === "number"
        ? `first after ${seconds(u.time_to_first_token_s)}`
        : "",
      u.decode_tokens_per_s ? `${rate(u.decode_tokens_per_s)} tokens/s` : "",
    ].filter(Boolean),
  meter_title: (/** @type {import("../shared/contract.js").Usage} */ u) =>
    [
      plural(u.prompt_tokens, { one: "Prompt: # token", other: "Prompt: # tokens" }) +
        ` (${number(u.prefilled_tokens)} newly read)`,
      plural(u.completion_tokens, { one: "Answer: # token", other: "Answer: # tokens" }),
      plural(u.model_calls ?? 1, { one: "# model call", other: "# model calls" }),
      u.decode_tokens_per_s ? `Decode: ${rate(u.decode_tokens_per_s)} tokens/s` : "",
      u.prefill_tokens_per_s ? `Prefill: ${rate(u.prefill_tokens_per_s)} tokens/s` : "",
      typeof u.time_to_first_token_s === "number"
        ? `Time to first token: ${seconds(u.time_to_first_token_s)}`
        : "",
    ]
      .filter(Boolean)
      .join("\n"),

  // What a turn is doing
  queued: (/** @type {number} */ ahead, /** @type {boolean} */ decision) => {
    if (decision) {
      const rest = plural(ahead - 1, { one: "# answer", other: "# answers" });
      return `Waits for your decision in another chat${ahead > 1 ? `, then for ${rest}` : ""}`;
    }
    if (ahead === 1) return "Waits for the answer in another chat";
    return plural(ahead, { one: "", other: "Waits for # answers in other chats" });
  },
  stage: (/** @type {TurnStatus | null} */ status) => {
    switch (status?.stage) {
      case "queued":
        return "Starting";
      case "reading_page":
        return "Reading the page";
      case "starting_python":
        return "Starting Python";
      case "loading_model":
        return "Loading the model";
      case "prefill":
        return status.prompt_tokens
          ? plural(status.prompt_tokens, {
              one: "Reading # token",
              other: "Reading # tokens",
            })
          : "Reading the prompt";
      case "tool":
        return status.detail ? `Running ${status.detail}` : "Running a tool";
      case "waiting_approval":
        return "Waiting for your decision";
      case "decode":
        return "Writing";
      default:
        return "Sending";
    }
  },

  // State line
  state_line: "State of the assistant",
  model_and_state: (/** @type {string} */ label, /** @type {string} */ state) =>
    `Model ${label}: ${state}. Choose a model, see details`,
  no_model: "No model",
  next_model: (/** @type {string} */ label) => `${label} answers from the next message on.`,
  connecting: "connecting …",
  reconnecting: "reconnecting …",
  engine: {
    idle: "starts when you ask",
    ready: "ready",
    failed: "cannot run",
    loading: "loading",
  },
  load_stage: {
    detect: "looking for the GPU",
    fetch: "reading the files",
    upload: "moving to the GPU",
    compile: "preparing the GPU programs",
    warm_up: "warming up",
  },
  load_bytes: (/** @type {number} */ loaded, /** @type {number} */ total) =>
    `${megabytes(loaded)} of ${megabytes(total)} MB`,
  load_percent: percent,
  load_seconds: seconds,
  python: {
    idle: "starts when you ask",
    starting: "starting",
    ready: "ready",
    failed: "failed",
  },
  python_ready: (/** @type {number} */ ms, /** @type {boolean} */ snapshot) =>
    `ready in ${seconds(ms / 1000)}${snapshot ? ", from the snapshot" : ""}`,
  detail_engine: "Engine",
  detail_device: "GPU",
  detail_python: "Python",
  models: "Models",
  model_facts: (/** @type {import("../shared/contract.js").ModelInfo} */ model) =>
    [
      model.size_bytes ? `${megabytes(model.size_bytes)} MB` : "",
      `window ${number(model.context_window_tokens)} tokens`,
      model.embedded ? "in the package" : "",
    ]
      .filter(Boolean)
      .join(" · "),
  try_again: "Try again",
  loading: "Loading …",

  // Conversation list
  no_conversations: "No conversations yet. They are kept on this device, until you delete them.",
  messages_count: (/** @type {number} */ n) => plural(n, { one: "# message", other: "# messages" }),
  delete: "Delete",
  delete_named: (/** @type {string} */ title) => `Delete “${title}”`,
  delete_sure: "Delete this conversation for good?",
  keep: "Keep",
  untitled_chat: "Untitled chat",
  waits_for_you: "Waits for your decision",

  // Problems of the panel itself
  not_connected:
    "The assistant's background part did not answer. It may be starting, or it was stopped by the browser.",
  not_connected_hint:
    "Try again; if that does not help, reload the extension or restart the browser.",
  not_opened: "This conversation could not be opened.",
  not_open: "Press Try again above first: your text stays here.",
  not_sent: "The connection was lost before the message was stored.",
  not_sent_hint: "Send it again.",
};
