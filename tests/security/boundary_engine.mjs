// The engine worker: its control channel and the port that Python generates on. The real worker.js and engine.js
// on a WebLLM that answers one word; a packaged model is replaced by one whose files need no GPU.
import { createHash } from "node:crypto";
import { mutate, sampleOf, spoiltText } from "./mutate.mjs";
import { isValid, tick } from "./report.mjs";
import { effects } from "./stubs.mjs";

const CONFIG = JSON.stringify({
  conv_template: {
    system_template: "{system_message}",
    system_message: "",
    roles: { user: "u", assistant: "a", tool: "t" },
    seps: ["\n"],
    stop_str: [],
    stop_token_ids: [0],
  },
});
const FILE = "m/resolve/main/mlc-chat-config.json";
const file = (path, role, text) => ({
  path,
  role,
  bytes: text.length,
  sha256: createHash("sha256").update(text).digest("hex"),
});
const MANIFEST = {
  models: ["id-0", "id-1"].map((id) => ({
    id,
    model_path: "m",
    context_window_tokens: 512,
    control_tokens: ["<|x|>"],
    required_features: [],
    files: [file(FILE, "config", CONFIG), file("lib.wasm", "library", "wasm")],
  })),
};

class Words {
  messages = [];
  config = {};
  appendMessage(_role, text) {
    this.messages.push(text);
  }
  appendReplyHeader() {}
  getPromptArray() {
    return this.messages;
  }
}

const PIPELINE = { conversation: new Words(), tokenizer: { encode: (text) => text }, config: {} };

class WordEngine {
  loadedModelIdToPipeline = { get: () => PIPELINE };
  chat = {
    completions: {
      create: async (request) => {
        if (request.stream) effects.push("generate");
        return (async function* () {
          yield { choices: [{ delta: { content: "word" }, finish_reason: null }] };
          yield { choices: [{ delta: {}, finish_reason: "stop" }] };
        })();
      },
    },
  };
  async reload(model_id) {
    effects.push(`load ${model_id}`);
  }
  async unload() {
    effects.push("unload");
  }
  async resetChat() {}
  interruptGenerate() {}
}

async function start() {
  const states = [];
  const listeners = [];
  globalThis.fake = { ...globalThis.fake, MLCEngine: WordEngine };
  globalThis.fetch = async (url) =>
    new Response(String(url).endsWith("manifest.json") ? JSON.stringify(MANIFEST) : CONFIG);
  const adapter = { info: {}, features: new Set(), limits: {} };
  const gpu = { requestAdapter: async () => adapter };
  Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true });
  globalThis.caches = { open: async () => ({}) };
  globalThis.self = {
    location: { href: "https://e.example/engine/worker.js?models=https://e.example/models/" },
    postMessage: (state) => void states.push(state),
    addEventListener: (_name, listener) => void listeners.push(listener),
  };
  globalThis.location = globalThis.self.location;
  await import("../../offscreen/engine/worker.js");
  const say = (data, ports = []) => {
    for (const listener of listeners) listener({ data, ports });
  };
  const port = { sent: [], onSent() {}, close() {} };
  port.postMessage = (text) => {
    port.sent.push(JSON.parse(text));
    port.onSent();
  };
  say({ type: "engine.attach_port" }, [port]);
  return { say, port, states };
}

const ENDS = new Set(["engine.done", "engine.counted", "engine.error"]);
const REQUESTS = { "engine.generate": "EngineGenerate", "engine.count": "EngineCount" };
const KINDS = ["EngineGenerate", "EngineGenerate", "EngineGenerate", "EngineCount"];

/** The one end of a call; a fault when there is none or a second one. */
async function endOf(report, port, call_id, act) {
  port.sent.length = 0;
  const ended = new Promise((resolve) => {
    port.onSent = () => port.sent.some(({ type }) => ENDS.has(type)) && resolve(true);
  });
  report.guard(act);
  await report.settled(ended, call_id);
  await tick();
  const ends = port.sent.filter(({ type }) => ENDS.has(type));
  const well = (end) => end.call_id === call_id && (!end.error || isValid("ErrorData", end.error));
  const own = ends.length === 1 && well(ends[0]);
  if (ends.length && !own) report.fault("bad_reply", ends);
  return ends[0];
}

async function alive(report, port) {
  const body = { type: "engine.generate", call_id: "good", model_id: "id-0", options: {} };
  const text = JSON.stringify({ ...body, messages: [{ role: "user", content: "Hi" }] });
  const end = await endOf(report, port, "good", () => port.onmessage({ data: text }));
  if (end?.type === "engine.done" && end.text === "word") report.counts.alive += 1;
  else report.fault("not_alive", end);
}

/** Python -> engine. */
export async function generatePort(report, random, count) {
  const { port } = await start();
  await alive(report, port);
  for (let number = 0; number < count && !report.hopeless; number++) {
    const kind = random.chance(0.85) ? random.pick(KINDS) : "EngineInterrupt";
    const body = sampleOf(kind, random);
    if (random.chance(0.8)) body.call_id = `call-${number}`;
    let data = spoiltText(random.chance(0.95) ? mutate(body, random) : body, random);
    // A port carries any clonable value, not only text.
    if (random.chance(0.02))
      data = random.pick([null, undefined, 5, {}, [], new Uint8Array(4), body]);
    let value;
    try {
      value = JSON.parse(data);
    } catch {
      value = undefined;
    }
    report.counts.cases += 1;
    effects.length = 0;
    const named =
      typeof value?.type === "string" &&
      Object.hasOwn(REQUESTS, value.type) &&
      typeof value.call_id === "string";
    if (named) {
      const valid = isValid(REQUESTS[value.type], value);
      report.counts.valid += Number(valid);
      const end = await endOf(report, port, value.call_id, () => port.onmessage({ data }));
      report.counts[end?.type === "engine.error" ? "refused" : "answered"] += 1;
      if (!valid && effects.length) report.fault("effect", { did: [...effects], value });
      if (!valid && end && end.type !== "engine.error") report.fault("accepted", value);
    } else {
      const { logged } = report.counts;
      port.sent.length = 0;
      report.guard(() => port.onmessage({ data }));
      await tick();
      report.counts.dropped += 1;
      if (port.sent.length || effects.length) report.fault("effect", { sent: port.sent, value });
      const known = isValid("EngineInterrupt", value);
      report.counts.valid += Number(known);
      if (!known && report.counts.logged === logged) report.fault("accepted", value);
    }
    if (number % 250 === 249) await alive(report, port);
  }
  await alive(report, port);
}

const CONTROL = [
  { type: "engine.load", model_id: "id-0" },
  { type: "engine.load", model_id: "id-1", base_url: "https://e.example/models/" },
  { type: "engine.load", model_id: "id-0", base_url: null, context_window_tokens: 256 },
  { type: "engine.unload" },
  { type: "engine.detect" },
  { type: "engine.attach_port" },
];

/** Whether a control message is one that types.d.ts names (attach_port needs a port, so never here). */
function isControl(data) {
  const { type, model_id, base_url = null, context_window_tokens = null } = data ?? {};
  if (type !== "engine.load") return ["engine.unload", "engine.detect"].includes(type);
  const url = base_url === null || typeof base_url === "string";
  const window = context_window_tokens === null || typeof context_window_tokens === "number";
  return typeof model_id === "string" && url && window;
}

/** Offscreen document -> engine. */
export async function controlChannel(report, random, count) {
  const { say, port, states } = await start();
  await alive(report, port);
  for (let number = 0; number < count && !report.hopeless; number++) {
    const data = mutate(random.pick(CONTROL), random);
    report.counts.cases += 1;
    effects.length = 0;
    states.length = 0;
    const { logged } = report.counts;
    report.guard(() => say(data));
    const valid = isControl(data);
    report.counts.valid += Number(valid);
    if (valid) {
      // A load that waits in the queue reports when its turn comes.
      for (let i = 0; i < 2000 && !states.some(settled); i++) await (i < 50 ? tick() : pause(1));
      report.counts.answered += 1;
      if (!states.some(settled)) report.fault("hang", data);
    } else {
      await tick();
      report.counts.dropped += 1;
      if (states.length || effects.length) report.fault("effect", { did: [...effects], data });
      if (report.counts.logged === logged) report.fault("accepted", data);
    }
    for (const { type: _type, ...state } of states)
      if (!isValid("EngineState", state)) report.fault("bad_reply", state);
    if (number % 250 === 249) await alive(report, port);
  }
  await alive(report, port);
}

const pause = (delay_ms) => new Promise((resolve) => setTimeout(resolve, delay_ms));
const settled = ({ state }) => state !== "loading";
