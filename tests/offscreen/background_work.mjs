/** Work that nobody waits for, under the real run queue: one JSON line with what happened, in order, per scenario. */
globalThis.chrome = { runtime: { id: "node" } };
globalThis.self ??= globalThis;
const { Turns } = await import("../../offscreen/turns.js");
const { titleOf } = await import("../../offscreen/storage/title.js");

const wait = (delay_ms) => new Promise((resolve) => setTimeout(resolve, delay_ms));
const until = async (holds) => {
  for (let n = 0; n < 800 && !holds(); n++) await wait(5);
};

/** A run queue whose Python answers "in python" until it is told to `answer`. */
function scene() {
  const log = [];
  const open = [];
  const parts = {
    storage: {
      addTurn: async (question) => {
        await wait(2);
        log.push(`stored ${question.turn_id}`);
      },
      putMessage: async () => {},
      readTranscript: async () => [],
      readRate: async () => null,
      writeRate: async () => {},
    },
    engine: {
      state: { state: "ready", model_id: "a" },
      async load(model_id) {
        if (this.state.model_id === model_id) return;
        log.push(`load ${model_id}`);
        await wait(2);
        this.state = { state: "ready", model_id };
      },
    },
    python: {
      state: { state: "ready" },
      ready: async () => {},
      async request(body) {
        log.push(`${body.type} ${body.turn_id}`);
        if (body.type === "python.run_turn") open.push(body.turn_id);
        else end(body.turn_id, "stopped");
      },
      notify() {},
      replace() {},
    },
    approvals: { denyWhere: async () => {} },
    choices: {
      settings: { level: "device", servers: [] },
      find: (model_id) => ({ model_id, label: model_id }),
      serverOf: () => null,
      needsEngine: () => true,
    },
    push(body) {
      for (const { event } of body.events ?? [])
        if (event.type === "turn.finished") log.push(`${event.status} ${body.turn_id}`);
    },
    pushState() {},
  };
  const turns = new Turns(parts);
  const end = (turn_id, status = "completed") => {
    open.splice(open.indexOf(turn_id), 1);
    const event = { type: "turn.finished", status, text: "", error: null, usage: null };
    turns.receive({ turn_id, events: [{ ...event, transcript: [] }] });
  };
  /** A job of so many chunks; */
  const job = (
    name,
    { conversation_id = "old", chunks = 4, chunk_ms = 4, fails = false } = {},
  ) => ({
    conversation_id,
    async *run() {
      log.push(`begin ${name}`);
      try {
        for (let n = 1; n <= chunks; n++) {
          await wait(chunk_ms);
          if (fails) throw new Error("it failed");
          log.push(`chunk ${name}`);
          yield n;
        }
        log.push(`made ${name}`);
      } finally {
        log.push(`end ${name}`);
      }
    },
  });
  const ask = (turn_id, conversation_id = turn_id, model_id = "a") =>
    turns.run({
      turn_id,
      conversation_id,
      parent_id: null,
      text: "Hi",
      context_refs: [],
      page: null,
      model_id,
      options: {},
    });
  const reads = (turn_id) => until(() => open.includes(turn_id));
  const has = (entry) => until(() => log.includes(entry));
  return { turns, log, job, ask, end, reads, has };
}

const results = {};

{
  const { turns, log, job, ask, end, reads, has } = scene();
  turns.background.add(job("summary", { chunks: 5 }));
  await has("chunk summary");
  // Two windows ask; the job is begun again when neither waits any more.
  await Promise.all([ask("one"), ask("two")]);
  await reads("one");
  await wait(30);
  log.push("answers");
  end("one");
  await reads("two");
  end("two");
  await has("made summary");
  results.two_windows = log;
}
{
  const { turns, log, job, ask, end, reads, has } = scene();
  await ask("one");
  await reads("one");
  turns.background.add(job("first"));
  turns.background.add(job("second"));
  await wait(20);
  log.push("answers");
  end("one");
  await has("end second");
  results.waits_for_a_turn = log;
}
{
  const { turns, log, job, has } = scene();
  turns.background.add(job("mine", { conversation_id: "gone", chunks: 50 }));
  turns.background.add(job("mine too", { conversation_id: "gone" }));
  turns.background.add(job("other"));
  await has("chunk mine");
  await turns.stopConversation("gone");
  log.push("deleted");
  await has("made other");
  results.deletion = log;
}
{
  const { turns, log, job, ask, end, reads, has } = scene();
  turns.background.add(job("summary", { chunks: 3 }));
  await ask("one", "c", "a");
  await reads("one");
  // Another model is chosen while the answer is written: it finishes, then the model is loaded.
  await ask("two", "c", "b");
  await wait(20);
  log.push("answers");
  end("one");
  await reads("two");
  await turns.stop("two");
  await has("made summary");
  results.model_change = log;
}
{
  const { turns, log, job, ask, end, reads, has } = scene();
  turns.background.add(job("deaf", { chunks: 1, chunk_ms: 2_600 }));
  await has("begin deaf");
  const asked_ms = performance.now();
  await ask("one");
  await reads("one");
  results.deaf_ms = performance.now() - asked_ms;
  end("one");
  await wait(20);
  results.deaf = log;
}
{
  const { turns, log, job, has } = scene();
  turns.background.add(job("bad", { fails: true }));
  turns.background.add(job("good"));
  await has("made good");
  results.failure = log;
}
{
  const { log, ask, end, reads } = scene();
  await ask("one");
  await reads("one");
  end("one");
  await wait(30);
  results.after_an_answer = log;
  results.titles = ["  What is\n this? ", "word ".repeat(20), ""].map(titleOf);
}
process.stdout.write(JSON.stringify(results));
process.exit(0);
