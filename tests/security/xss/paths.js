/** A text through every place of the panel that shows text: what turns.js does, and all that is stored or told. */
(() => {
  if (window !== window.top) return;
  const { $, all, turn, until, plain, isSame, same, shows, ends, touch, trouble } = xss.hands;
  const { live, checkAnswer } = xss.hands;

  // -- what is stored

  async function openList() {
    $("#open-list").click();
    await until(() => $("conversation-list dialog").open, "list");
  }

  async function open(conversation_id) {
    const row = () => $(`conversation-list li[data-id="${conversation_id}"] .row`);
    await until(row, `row of ${conversation_id}`);
    row()?.click();
  }

  /** The open conversation left and opened again: from storage, as an import would be. */
  async function reopened(vectors) {
    xss.during = `reopened with ${vectors[0].id}`;
    const { conversation_id } = [...fake.turns.values()].at(-1);
    $("#new-chat").click();
    await until(() => !$("message-bubble"), "empty");
    fake.notify({ type: "panel.conversations_changed" });
    await openList();
    await open(conversation_id);
    await until(() => all("message-bubble").length === 2 * vectors.length, "opened again");
    await turn();
    await turn();
    for (const [i, bubble] of all("message-bubble.assistant").entries()) {
      xss.during = vectors[i].id;
      checkAnswer(bubble, vectors[i].text);
    }
    await touch($("chat-log"));
    $("#new-chat").click();
    await until(() => !$("message-bubble"), "empty again");
  }

  /** As names of conversations: in the list, before deletion and in the header. */
  async function named(vectors) {
    const times = { created_at_ms: 1, updated_at_ms: 1 };
    fake.conversations.clear();
    for (const { id, text } of vectors) {
      const summary = { conversation_id: id, title: text, message_count: 1, ...times };
      fake.conversations.set(id, { summary, messages: [] });
    }
    await openList();
    await until(() => all("conversation-list .row").length === vectors.length, "rows");
    for (const { id, text } of vectors) {
      xss.during = id;
      const row = () => $(`conversation-list li[data-id="${id}"]`);
      same($(".title", row())?.textContent, text, "name in the list");
      $(".trash", row())?.click();
      same($("strong", row())?.textContent, text, "name before deletion");
      $(".keep", row())?.click();
    }
    $("conversation-list dialog").close();
    for (const { id, text } of vectors) {
      xss.during = id;
      await open(id);
      await shows("#title", text);
    }
    $("#new-chat").click();
    fake.conversations.clear();
    const summary = { conversation_id: "kept", title: "Kept", message_count: 1, ...times };
    fake.conversations.set("kept", { summary, messages: [] });
    fake.notify({ type: "panel.conversations_changed" });
  }

  // -- errors and models

  /** A server and its model, and tools that are off. */
  function settingsOf(text) {
    const models = [{ name: text, context_window_tokens: 4096 }];
    const server = { server_id: "s-1", label: text, base_url: text, has_key: false, models };
    const choice = { level: "servers", max_level: "web", local_changes: "ask", managed: [] };
    return { ...choice, servers: [server], disabled_tools: [text] };
  }
  const PLAIN = { level: "device", max_level: "web", servers: [], local_changes: "ask" };
  Object.assign(PLAIN, { disabled_tools: [], managed: [] });

  async function troubled({ id, text }) {
    xss.during = id;
    const error = trouble(text);
    const [model] = fake.app.models;
    const models = [{ ...model, label: text, description: text }];
    const device = { vendor: text, architecture: text, description: text };
    const engine = { state: "failed", progress: 0, elapsed_s: 0, error, device };
    fake.setApp({ models, engine, python: { state: "failed", error }, settings: PLAIN });
    await shows("state-line panel-notice .what", text);
    await shows("state-line panel-notice .hint", text);
    await shows(".model-name", text);
    await shows("model-picker strong", text);
    fake.failing["offscreen.attach"] = error;
    await open("kept");
    await ends("empty-state .what", ` ${text}`);
    await shows("empty-state .hint", text, "hint why not opened");
    fake.failing["offscreen.list_conversations"] = error;
    await openList();
    await shows("conversation-list panel-notice p", `${text} ${text}`);
    $("conversation-list dialog").close();
    fake.failing = {};
  }

  /** Servers, as the user or a file named them. */
  async function served({ id, text }) {
    xss.during = id;
    const settings = settingsOf(text);
    const remote = { provider: "openai", server_id: "s-1", label: text, description: text };
    const idle = { state: "idle", progress: 0, elapsed_s: 0 };
    const models = [{ ...fake.app.models[0], ...remote }];
    fake.setApp({ models, settings, engine: idle, python: { state: "idle" } });
    fake.broadcast({ type: "panel.settings_changed", settings });
    await shows("server-list strong", text);
    await shows("server-list .server-url", text);
    await until(() => $("level-choice .fixed")?.textContent.includes(text), "tools that are off");
    const host = URL.canParse(text) ? new URL(text).host : text;
    await until(() => plain($("state-line .badge").textContent).includes(plain(host)), "badge");
  }

  /** What was sent and what was decided. */
  async function recorded(vectors) {
    const flags = { decision: "deny", decided_by: "user", outcome: "not_run", undo: "available" };
    const decisions = vectors.map(({ id, text }, i) => {
      const told = { tool_name: text, title: text, detail: text, target_origin: text };
      return {
        approval_id: id,
        conversation_id: "c",
        at_ms: vectors.length - i,
        ...told,
        ...flags,
      };
    });
    const entries = vectors.map(({ id, text }, i) => {
      const told = { host: text, purpose: text, asked_by: text, detail: text, status: "refused" };
      return { entry_id: id, at_ms: vectors.length - i, bytes_out: 1, bytes_in: 1, ...told };
    });
    fake.answers["background.read_settings"] = () => ({ settings: PLAIN });
    fake.answers["offscreen.list_decisions"] = () => ({ decisions });
    fake.answers["offscreen.list_ledger"] = () => ({ entries });
    document.dispatchEvent(new Event("open-privacy"));
    fake.notify({ type: "panel.decisions_changed" });
    $("#tab-sent").click();
    for (const view of ["decisions-view", "sent-view"]) {
      const names = () => all(`${view} li strong`);
      const first = () => isSame(names()[0]?.textContent, vectors[0].text);
      await until(() => first() && names().length === vectors.length, view);
      for (const [i, name] of names().entries()) {
        xss.during = vectors[i].id;
        same(name.textContent, vectors[i].text, view);
      }
    }
    await touch($("privacy-view"));
    $("privacy-view dialog").close();
    fake.answers = {};
  }

  /** Each vector {id, text, cuts} in a turn of one conversation. */
  async function inTurns(vectors) {
    fake.keep = () => {}; // hundreds of conversations do not fit into the browser's store
    for (const vector of vectors) await live(vector);
    xss.during = `touching from ${vectors[0].id}`;
    await touch($("chat-log"), $("page-chip"));
    xss.sweep();
  }

  async function end() {
    $("#new-chat").click();
    await until(() => !$("message-bubble"), "empty");
    xss.during = "";
  }

  window.inTurns = async (vectors) => {
    await inTurns(vectors);
    await end();
  };

  /** And everywhere else. */
  window.everywhere = async (vectors) => {
    await inTurns(vectors);
    const { app } = fake;
    await reopened(vectors);
    await named(vectors);
    for (const vector of vectors) await troubled(vector);
    if ($("privacy-view")) {
      for (const vector of vectors) await served(vector);
      await recorded(vectors);
    }
    xss.sweep();
    fake.setApp({ ...app, settings: PLAIN });
    fake.broadcast({ type: "panel.settings_changed", settings: PLAIN });
    await end();
  };
})();
