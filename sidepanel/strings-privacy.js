/** Words of the Privacy view, the approval card's choices, links, export and import. */
import { bytes, list, plural } from "./format.js";

/** @typedef {import("../shared/contract.js").Decision["decided_by"]} DecidedBy */

const level = { device: "Device", servers: "My servers", web: "Web" };

export const PRIVACY = {
  level,

  // The chip of the state line
  on_device: "On device",
  nothing_leaves: "Nothing leaves this device",
  answers_here: "This model runs on this device",
  sends_to: (/** @type {string} */ host) => `Sends to ${host}`,
  chip_title: (/** @type {string} */ what, /** @type {keyof typeof level} */ name) =>
    `${what}. Privacy level: ${level[name]}. See privacy and activity`,

  // The view
  privacy: "Privacy",
  privacy_and_activity: "Privacy and activity",
  tab_privacy: "Levels",
  tab_sent: "Sent",
  tab_decisions: "Decisions",
  decision_waits: "An answer waits for your decision.",
  show_it: "Show",
  level_title: "What may leave this device",
  level_text: {
    device:
      "Nothing leaves this device. The model, the assistant and your chats run and stay in this browser.",
    servers:
      "A chat with a model on one of your servers goes to that server: your messages, attached pages and tool results. At this level nothing goes anywhere else.",
    web: "Chats as with My servers. Beyond that, tools may ask to send data to websites: each site and its data are named to you first.",
  },
  level_now: "In force",
  level_lower: (/** @type {keyof typeof level} */ name) => `Go back to ${level[name]}`,
  raise_servers: (/** @type {string[]} */ hosts) => `Let chats go to ${list(hosts)}`,
  raise_web: (/** @type {string[]} */ hosts) =>
    hosts.length
      ? `Let chats go to ${list(hosts)}, and tools ask to send data to websites`
      : "Let tools ask to send data to websites",
  raise_needs_server: "Add a server below: that raises the level.",
  level_said: (/** @type {keyof typeof level} */ name) => `Privacy level: ${level[name]}`,
  fixed: "Fixed by your administrator.",
  fixed_max: (/** @type {keyof typeof level} */ name) =>
    `Your administrator allows no level above ${level[name]}.`,
  fixed_tools: (/** @type {string[]} */ names) => `Switched off: ${list(names)}.`,
  settings_unknown: "The privacy settings could not be read.",

  // Servers
  servers_title: "My servers",
  no_servers:
    "No servers. Add a model server of your own, such as Ollama on this computer, to choose its models.",
  models_of: (/** @type {number} */ n) =>
    n ? plural(n, { one: "# model", other: "# models" }) : "models not read yet",
  key_stored: "API key stored",
  key_none: "no API key",
  add_server: "Add a server",
  edit: "Edit",
  remove: "Remove",
  refresh_models: "Refresh models",
  refreshing: "Reading …",
  named: (/** @type {string} */ act, /** @type {string} */ label) => `${act}: ${label}`,
  models_read: (/** @type {string} */ label, /** @type {number} */ n) =>
    `${label}: ${plural(n, { one: "# model", other: "# models" })}`,
  refresh_needs_level: "Not used at the level Device.",
  remove_sure: "Remove this server and its stored key? Chats stay.",
  server_form_add: "Add a server",
  server_form_edit: "Edit the server",
  server_preset: "Start from",
  server_url: "Address",
  server_url_hint: "Of an OpenAI-compatible server. /v1 is added to an address without a path.",
  server_url_used: (/** @type {string} */ base_url) => `Will be used as ${base_url}`,
  server_name: "Name (optional)",
  server_key: "API key (optional)",
  server_key_hint: "Kept in this browser, sent to this server only.",
  server_key_kept: "A key is stored. Leave this empty to keep it.",
  server_key_moved: (/** @type {string} */ host) =>
    `The stored key belongs to ${host} and will be deleted. Enter the key of the new address, if it needs one.`,
  server_key_delete: "Delete the stored key",
  server_open_way: (/** @type {string} */ host) =>
    `http to ${host} is not encrypted: anyone on the network in between can read the chats and an API key. Use https, if the server has it.`,
  server_url_missing: "Enter the address of the server, for example localhost:11434.",
  server_url_bad:
    "This is no address of a server. It looks like localhost:11434 or a https address.",
  server_url_user:
    "Leave user name and password out of the address; the API key has its own field.",
  server_url_query: "Leave out what follows ? or # in the address.",
  server_save: "Save",
  server_save_host: (/** @type {string} */ host) => `Save, and let chats go to ${host}`,
  server_granting: "Waiting for your answer to the browser …",
  server_working: "Asking the server …",
  server_refused: (/** @type {string} */ host) =>
    `The browser did not give access to ${host}. Nothing was changed.`,
  server_refused_hint: "Press the button again and choose Allow.",
  server_saved_only: "The server is saved, but its models could not be read.",
  ollama_tip:
    "Ollama answers 403 to extensions unless its variable OLLAMA_ORIGINS contains chrome-extension://*. Set it, restart Ollama, then try again.",
  cancel: "Cancel",

  // Local changes
  local_title: "Changes to your own data",
  local_text: "What tools may do to your to-do list, on this device.",
  local_ask: "Ask before each change",
  local_undo: "Do it and offer undo",

  // Models on servers
  models_here: "On this device",
  model_goes: (/** @type {string} */ label, /** @type {string} */ host) =>
    `With ${label}, your messages and what is attached to them, this chat so far and tool results are sent to ${host}.`,
  model_needs_level: "Needs the level My servers.",
  model_blocked: (/** @type {string} */ label) =>
    `${label} is on a server, and the privacy level Device lets nothing leave. Choose another model, or raise the level under “On device” below.`,
  at_host: (/** @type {string} */ host) => `at ${host}`,
  page_goes: (/** @type {string} */ host) => `Will be sent to ${host}`,
  welcome_text_server: (/** @type {string} */ host) =>
    `Sidelight answers in this panel, with a model at ${host}: what you ask and attach is sent there. It reads a page only when you attach it.`,

  // Sent
  sent_empty: "Nothing has left this device.",
  sent_text: "Every request that left the browser or was refused. Kept for 90 days.",
  sent_bytes: (/** @type {number} */ out, /** @type {number} */ back) =>
    `${bytes(out)} out, ${bytes(back)} in`,
  sent_by: (/** @type {string} */ who) => `asked by ${who}`,
  sent_status: {
    open: "under way",
    done: "done",
    failed: "failed",
    refused: "refused, nothing sent",
    cancelled: "stopped",
  },
  clear: "Clear",
  clear_sure: "Delete this list for good? What was sent stays sent.",
  clear_now: "Delete the list",
  more_entries: (/** @type {number} */ n) =>
    plural(n, { one: "Show # more", other: "Show # more" }),

  // Decisions
  decisions_empty: "No decisions yet. What you allow or deny is listed here.",
  outcome: { not_run: "not done", done: "done", failed: "failed" },
  undo: "Undo",
  undo_named: (/** @type {string} */ title) => `Undo: ${title}`,
  undone: "Undone",
  decided_allow: /** @type {Record<DecidedBy, string>} */ ({
    user: "Allowed by you",
    grant: "Allowed by an earlier choice",
    policy: "Done at once",
    timeout: "Allowed",
    page_changed: "Allowed",
    stop: "Allowed",
  }),
  decided_deny: /** @type {Record<DecidedBy, string>} */ ({
    user: "Denied by you",
    grant: "Denied by an earlier choice",
    policy: "Denied by the privacy rules",
    timeout: "Timed out: denied",
    page_changed: "Page changed: denied",
    stop: "Stopped: denied",
  }),
  can_be_undone: "can be undone",

  // Approval
  approval_carries: (/** @type {string[]} */ names) =>
    `What the assistant has read: ${list(names)}`,
  allow_here: "Allow for this chat on this site",

  // Links
  link_title: "Open this link?",
  link_carries: "What it carries there:",
  link_mail: (/** @type {string} */ to) => `E-mail to ${to}`,
  link_user: "User name",
  link_host: "Host name",
  link_port: "Port",
  link_to: "To",
  link_odd_host: (/** @type {string} */ name) => `${name} (unusual: look at each letter)`,
  link_path: "Path",
  link_query: "Query",
  link_fragment: "Fragment",
  link_address: "Address",
  link_open: "Open",
  link_copy: "Copy",

  // Export and import
  export_one: (/** @type {string} */ title) => `Export “${title}”`,
  export_word: "Export",
  export_all: "Export all",
  import_word: "Import",
  exported: "Exported",
  imported: (/** @type {number} */ n) =>
    plural(n, { one: "# conversation imported", other: "# conversations imported" }),
  import_mark: "Imported: its content is not trusted",
  import_busy: "Importing …",
  export_busy: "Exporting …",
  import_too_large: "This file is larger than 400 MB: it cannot be imported at once.",
  import_chat_too_large: (/** @type {string} */ title) =>
    `The conversation “${title}” is larger than 30 MB: nothing was imported.`,
  import_split_hint: "Export fewer conversations into one file.",
  import_broken_off: (/** @type {number} */ done, /** @type {number} */ all) =>
    `${done} of ${plural(all, { one: "# conversation", other: "# conversations" })} came, then it broke off.`,
  import_again_hint: "Delete the imported ones and import the file again.",
  import_not_json: "This file could not be read as a Sidelight export: it is not JSON.",
  import_not_ours: "This file is not a Sidelight export.",
  import_hint: "Choose a .json file that Sidelight has exported.",
};
