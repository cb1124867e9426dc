/**
 * Seeded interleavings of ask, stop, switch and delete from two windows, on the real run queue and journal; Python is
 * on the other end of stdin and stdout. queue.mjs SEED COUNT: one JSON line `{result}` per seed, messages between them.
 */
import { createInterface } from "node:readline";

globalThis.chrome = { runtime: { id: "node" } };
globalThis.self ??= globalThis;
const { Turns } = await import("../../offscreen/turns.js");

const [, , first_seed, count] = process.argv.map(Number);
const STUCK_MS = 20_000;
const wait = (delay_ms) => new Promise((resolve) => setTimeout(resolve, delay_ms));
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

/** Small and repeatable: mulberry32. */
function chance(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    below: (most) => Math.floor(next() * most),
    pick: (list) => list[Math.floor(next() * list.length)],
  };
}

/** @type {Map<string, {resolve: Function, reject: Function}>} */
const waiting = new Map();
let on_events = (_batch) => {};
const python = {
  state: { state: "ready" },
  ready: async () => {},
  replaced: 0,
  replace() {
    this.replaced += 1;
  },
  request(body) {
    const id = crypto.randomUUID();
    say({ v: 1, id, body });
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  },
};
createInterface({ input: process.stdin }).on("line", (line) => {
  const frame = JSON.parse(line);
  if (frame.reply_to) {
    const { resolve, reject } = waiting.get(frame.reply_to) ?? {};
    waiting.delete(frame.reply_to);
    if (frame.ok) resolve?.(frame.result);
    else reject?.(Object.assign(new Error(frame.error.message), { data: frame.error }));
  } else if (frame.body.type === "offscreen.python_events") on_events(frame.body);
  else if (frame.body.type === "offscreen.execute_tool")
    say({ v: 1, reply_to: frame.id, ok: true, result: { block: null, todos: [] } });
});

const model = (model_id) => ({
  model_id,
  label: model_id,
  family: "general",
  description: "",
  size_bytes: 1,
  context_window_tokens: 4096,
  embedded: true,
});
const MODELS = { a: model("a"), b: model("b") };
const SETTINGS = {
  level: "device",
  max_level: "web",
  servers: [],
  local_changes: "ask",
  disabled_tools: [],
  managed: [],
};

async function run(seed) {
  const random = chance(seed);
  const messages = new Map();
  const windows = [[], []];
  const engine = {
    state: { state: "idle" },
    loads: [],
    async load(model_id) {
      if (this.state.model_id === model_id) return;
      this.loads.push(model_id);
      this.state = { state: "loading", model_id };
      await wait(random.below(12));
      this.state = { state: "ready", model_id };
    },
  };
  const storage = {
    async addTurn(question, answer) {
      await wait(random.below(3));
      for (const one of [question, answer]) messages.set(one.message_id, structuredClone(one));
    },
    async putMessage(message) {
      await wait(random.below(3));
      if (messages.has(message.message_id))
        messages.set(message.message_id, structuredClone(message));
    },
    readChoice: async () => null,
    writeChoice: async () => {},
    readRate: async () => null,
    writeRate: async () => {},
    async readTranscript(parent_id) {
      const chain = [];
      for (let at = messages.get(parent_id); at; at = messages.get(at.parent_id))
        chain.unshift(...at.transcript);
      return chain;
    },
    deleteConversation(conversation_id) {
      for (const [id, one] of messages)
        if (one.conversation_id === conversation_id) messages.delete(id);
    },
  };
  const turns = new Turns({
    storage,
    engine,
    python,
    approvals: { denyWhere: async () => {} },
    choices: {
      settings: SETTINGS,
      find: (id) => MODELS[id],
      serverOf: () => null,
      needsEngine: () => true,
    },
    // What each window gets is a copy, as over a port.
    push(body) {
      for (const seen of windows) seen.push(structuredClone(body));
    },
    pushState() {},
  });
  on_events = (batch) => turns.receive(batch);
  const asked = [];
  const tips = {};
  const deleted = new Set();
  const log = [];
  let most_running = 0;
  async function ask(window, conversation_id) {
    const number = asked.length;
    const text = `${random.below(4) ? "" : "list "}q${seed}x${number}x`;
    const turn_id = `t${seed}-${number}`;
    asked.push({ turn_id, conversation_id, text, window });
    const model_id = random.pick(["a", "a", "b"]);
    const body = {
      turn_id,
      conversation_id,
      parent_id: tips[conversation_id] ?? null,
      text,
      context_refs: [],
      page: null,
      model_id,
      options: {
        temperature: 0,
        top_p: 1,
        max_tokens: 64,
        seed: null,
        tool_choice: "auto",
        approval_timeout_s: 5,
      },
    };
    const { assistant_message_id } = await turns.run(body);
    tips[conversation_id] = assistant_message_id;
  }
  const conversations = random.below(2) ? ["same"] : ["one", "two", "three"];
  const named = conversations.map((name) => `${name}-${seed}`);
  /** @type {Promise<unknown>[]} */
  const doing = [];
  for (let step = 0; step < 14; step++) {
    const window = random.below(2);
    const conversation_id = named[(window + random.below(2)) % named.length];
    const action = random.pick(["ask", "ask", "ask", "stop", "switch", "delete", "wait"]);
    log.push(`${window}:${action}:${conversation_id}`);
    const open = turns.list();
    most_running = Math.max(
      most_running,
      turns.queue.filter(({ in_python, journal }) => in_python && !journal.finished).length,
    );
    if (action === "ask") doing.push(ask(window, conversation_id));
    else if (action === "stop" && open.length) doing.push(turns.stop(random.pick(open).turn_id));
    else if (action === "switch")
      doing.push(
        engine.state.state === "loading" ? Promise.resolve() : ask(window, conversation_id),
      );
    else if (action === "delete") {
      deleted.add(conversation_id);
      delete tips[conversation_id];
      doing.push(
        turns.stopConversation(conversation_id).then(() => {
          storage.deleteConversation(conversation_id);
          return python.request({ type: "python.close_conversation", conversation_id });
        }),
      );
    }
    await wait(random.below(25));
  }
  const ended = Promise.all(doing).then(async () => {
    while (turns.queue.length) await wait(5);
  });
  const stuck = await Promise.race([ended.then(() => false), wait(STUCK_MS).then(() => true)]);
  await wait(30);
  const faults = [];
  if (stuck) faults.push(`stuck: ${turns.list().map(({ turn_id }) => turn_id)}`);
  if (most_running > 1) faults.push(`${most_running} turns ran at once`);
  if (python.replaced) faults.push("Python did not stop in time");
  for (const { turn_id, conversation_id, text } of asked) {
    for (const [number, seen] of windows.entries()) {
      const batches = seen.filter((body) => body.turn_id === turn_id);
      const events = batches.flatMap((body) => body.events);
      const types = events.map(({ event }) => event.type);
      const where = `window ${number}, ${turn_id} in ${conversation_id}`;
      if (types.filter((type) => type === "turn.finished").length !== 1)
        faults.push(`${where}: no one end`);
      if (types.at(-1) !== "turn.finished") faults.push(`${where}: something after the end`);
      if (events.some(({ seq }, index) => seq !== index))
        faults.push(`${where}: events lost or out of order`);
      if (batches.some((body) => body.conversation_id !== conversation_id))
        faults.push(`${where}: mixed`);
      const said = events
        .map(({ event }) => (event.type === "turn.delta" ? event.text : ""))
        .join("");
      const own = text.replace("list ", "");
      const others = said.match(/q\d+x\d+x/g)?.filter((one) => one !== own) ?? [];
      if (others.length) faults.push(`${where}: says ${others} of another turn`);
      const status = events.at(-1)?.event.status;
      if (status === "completed" && !said.includes(own))
        faults.push(`${where}: completed without its answer`);
      if (status === "failed")
        faults.push(`${where}: ${JSON.stringify(events.at(-1).event.error)}`);
    }
    const stored = [...messages.values()].filter((one) => one.turn_id === turn_id);
    if (
      !deleted.has(conversation_id) &&
      (stored.length !== 2 || stored.some(({ status }) => status === "streaming"))
    )
      faults.push(`${turn_id}: not stored whole`);
  }
  const statuses = windows[0]
    .flatMap((body) => body.events ?? [])
    .filter(({ event }) => event.type === "turn.finished");
  const ends = statuses.map(({ event }) => event.status);
  say({
    result: {
      seed,
      asked: asked.length,
      ends,
      loads: engine.loads.length,
      faults,
      log: faults.length ? log : [],
    },
  });
}

for (let seed = first_seed; seed < first_seed + count; seed++) await run(seed);
process.exit(0);
