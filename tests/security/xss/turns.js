/** A text through a whole turn: as page, question, answer, tool and error. */
(() => {
  if (window !== window.top) return;
  const { $, all, turn, until, plain, same, sameArguments, shows, ends, touch, trouble } =
    xss.hands;

  // -- page chip

  async function chip(text) {
    const page = { tab_id: 7, document_id: "doc-1", origin: text, title: text };
    const all_text = { title: text, host: text, reason: text, hint: text, page };
    fake.setPage({ ...all_text, state: "unreadable" });
    await shows("page-chip summary .hint", text);
    await shows("page-chip details > .hint", text);
    fake.setPage({ ...all_text, state: "needs_click" });
    await ends("page-chip .lead", ` · ${text}`);
    fake.setPage({ ...all_text, state: "readable" });
    await shows("page-chip .chip-title", text);
    $("page-chip .attach")?.click();
    await until(() => $("page-chip .attach[aria-pressed=true]"), "attached");
  }

  // -- a turn

  async function ask(text, title = text) {
    const box = $("chat-composer textarea");
    box.value = text;
    const asked = box.value.trim();
    const before = fake.turns.size;
    box.dispatchEvent(new Event("input"));
    box.dispatchEvent(
      new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }),
    );
    await until(
      () => fake.turns.size > before && [...fake.turns.values()].at(-1).events.length,
      "turn",
    );
    const [turn_id] = [...fake.turns.keys()].slice(-1);
    const user = all("message-bubble.user").at(-1);
    same($(".words", user)?.textContent, asked, "question");
    same($(".chip-title", user)?.textContent, title, "context label before reading");
    return turn_id;
  }

  const call = (id, text) => ({ tool_call_id: id, tool_name: text, arguments: { [text]: text } });
  let approvals = 0;

  async function approval(emit, turn_id, text) {
    approvals += 1;
    const approval_id = `approval-${approvals}`;
    const flags = { reads: true, writes: true, sends: true, runs_code: true };
    const effect = { ...flags, title: text, detail: text, target_origin: text, carries: [text] };
    const { conversation_id } = fake.turns.get(turn_id);
    const ids = { approval_id, conversation_id, turn_id };
    emit({ type: "turn.tool_call", ...call("denied", text) });
    const asked = { ...call("denied", text), ...ids, effect, page: null, timeout_s: 300 };
    emit({ type: "turn.approval_requested", approval: { ...asked, asked_at_ms: Date.now() } });
    const card = await until(() => $("approval-card"), "card");
    if (!card) return;
    same($("h3", card)?.textContent, text, "card title");
    same($(".detail", card)?.textContent, text, "card detail");
    same($("code", card)?.textContent, text, "card tool");
    sameArguments($("pre", card), text);
    if (!plain($("#announcer").textContent).includes(plain(text)))
      xss.report("altered", "announcer");
    fake.failing["offscreen.decide_approval"] = trouble(text);
    $(".deny", card).click();
    await shows("approval-card panel-notice p", `${text} ${text}`);
    fake.failing = {};
    const decided = { approval_id, decision: "deny", decided_by: "page_changed" };
    emit({ type: "turn.approval_decided", ...decided });
    await until(() => !$("approval-card"), "denied");
    const line = all("tool-row .decision").at(-1)?.textContent;
    if (!plain(line)?.endsWith(`Not done: ${plain(text)}`))
      xss.report("altered", `decision: ${line}`);
  }

  /** @param {number[]} cuts where the streamed text is cut */
  async function answer(turn_id, text, cuts) {
    const emit = (event) => fake.emit(turn_id, event);
    const size = { read_chars: 1, total_chars: 2 };
    for (const kind of ["page", "selection"]) {
      emit({
        type: "turn.context",
        kind,
        title: text,
        origin: text,
        url: `${text}${kind}`,
        ...size,
      });
    }
    emit({ type: "turn.status", stage: "tool", detail: text });
    await shows(".stage-label", `Running ${text}`);
    const bubble = all("message-bubble.assistant").at(-1);
    emit({ type: "turn.block_start", block_index: 0, block_type: "text" });
    emit({ type: "turn.delta", block_index: 0, text });
    await turn();
    for (const [block_index, block_type] of [
      [1, "text"],
      [2, "thinking"],
    ]) {
      emit({ type: "turn.block_start", block_index, block_type });
      for (const [i, at] of cuts.entries()) {
        emit({ type: "turn.delta", block_index, text: text.slice(i ? cuts[i - 1] : 0, at) });
        await turn();
      }
    }
    emit({ type: "turn.notice", code: "cut", message: text });
    await approval(emit, turn_id, text);
    emit({ type: "turn.tool_call", ...call("done", text) });
    const done = { tool_call_id: "done", tool_name: text, status: "ok", text };
    emit({ type: "turn.tool_result", ...done });
    const error = trouble(text);
    emit({ type: "turn.finished", status: "failed", text: "", transcript: [], error });
    await until(() => bubble.getAttribute("aria-busy") === "false", "end");
    return bubble;
  }

  /** What a finished answer shows, live or opened again. */
  function checkAnswer(bubble, text) {
    const [whole, split, thinking] = all(".md", bubble);
    if (!thinking) return xss.report("lost", "blocks of the answer");
    for (const [other, what] of [
      [split, "streamed answer"],
      [thinking, "streamed thinking"],
    ]) {
      if (other.innerHTML !== whole.innerHTML) xss.report("altered", `${what}: ${other.innerHTML}`);
    }
    same($(".items > panel-notice p", bubble)?.textContent, text, "notice");
    const row = all("tool-row", bubble).at(-1);
    same($(".tool-name", row)?.textContent, text, "tool name");
    const [given, result] = all("pre", row);
    sameArguments(given, text);
    same(result?.textContent, text, "tool result");
    const error = $(".items ~ panel-notice", bubble);
    for (const part of [".what", ".hint"]) same($(part, error)?.textContent, text, part);
  }

  /** One text through the chip and a whole turn. */
  async function live({ id, text, cuts }) {
    xss.during = id;
    await chip(text);
    const turn_id = await ask(text);
    const bubble = await answer(turn_id, text, cuts);
    const user = bubble.previousElementSibling;
    await until(() => all(".chip", user).length === 2, "context labels");
    for (const one of all(".chip-title", user)) same(one.textContent, text, "context label");
    checkAnswer(bubble, text);
  }

  /** One long answer, in pieces. */
  window.inOneAnswer = async (pieces) => {
    fake.keep = () => {};
    await chip("Page");
    const turn_id = await ask("All at once", "Page");
    const emit = (event) => fake.emit(turn_id, event);
    emit({ type: "turn.block_start", block_index: 0, block_type: "text" });
    for (const text of pieces) {
      emit({ type: "turn.delta", block_index: 0, text });
      await turn();
    }
    emit({ type: "turn.finished", status: "completed", text: pieces.join(""), transcript: [] });
    const bubble = all("message-bubble.assistant").at(-1);
    await until(() => bubble.getAttribute("aria-busy") === "false", "end");
    xss.sweep();
    await touch(bubble);
    const chars = bubble.textContent.length;
    $("#new-chat").click();
    return chars;
  };

  Object.assign(xss.hands, { live, checkAnswer });
})();
