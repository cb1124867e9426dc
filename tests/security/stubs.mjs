// What Node lacks: the extension API, workers, WebGPU and WebLLM. Loaded by hooks in place of the packages.
import { readFileSync } from "node:fs";
import { register } from "node:module";

const here = new URL(".", import.meta.url);
const source = (code) => `data:text/javascript,${encodeURIComponent(code)}`;

/** Boundaries with their validation switched off, for the control: module -> what replaces it. */
const ALL_PASSES = `const yes = () => true; const any = new Proxy({}, { get: () => yes, has: () => true });
export const byType = any; export const PageText = yes, PythonEvents = yes, EngineGenerate = yes,
  EngineCount = yes, EngineInterrupt = yes, ErrorData = yes;`;

export function installHooks(broken) {
  const swaps = {
    "webextension-polyfill": source("export default globalThis.fake.browser;"),
    "@mlc-ai/web-llm": source("export const MLCEngine = globalThis.fake.MLCEngine;"),
  };
  if (broken) swaps["contract-check.js"] = source(ALL_PASSES);
  register(
    source(`const swaps = ${JSON.stringify(swaps)};
      export function resolve(name, context, next) {
        for (const [end, url] of Object.entries(swaps))
          if (name === end || name.endsWith("/" + end)) return { url, shortCircuit: true };
        return next(name, context);
      }`),
  );
}

export function emitter() {
  const listeners = new Set();
  return {
    listeners,
    addListener: (listener) => void listeners.add(listener),
    removeListener: (listener) => void listeners.delete(listener),
  };
}

export const ID = "sidelight-id";
export const HOME = `chrome-extension://${ID}/`;

/** Everything that the code did through the fakes, by name, newest last. */
export const effects = [];

export function installBrowser(answer = async () => undefined) {
  const runtime = {
    id: ID,
    getURL: (path) => HOME + path,
    onMessage: emitter(),
    onConnect: emitter(),
    sendMessage: answer,
  };
  globalThis.fake = { ...globalThis.fake, browser: { runtime } };
  return runtime;
}

const MODELS = readFileSync(new URL("../../models/manifest.json", here));
export const EFFECTFUL = new Set([
  "addTurn",
  "addConversation",
  "deleteConversation",
  "writeChoice",
  "addTodo",
  "completeTodo",
  "undoDecision",
  "clearLedger",
  "start network",
]);
const STORAGE = {
  listConversations: [],
  readTranscript: [],
  listTodos: [],
  addTodo: [],
  listDecisions: [],
  listLedger: [],
};
/** What the user chose: nothing may leave the device. */
export const SETTINGS = {
  level: "device",
  max_level: "web",
  servers: [],
  local_changes: "ask",
  disabled_tools: [],
  managed: [],
};

/** Ports without a queue: what is posted on one is heard on the other at once. */
class Channel {
  constructor() {
    const port = () => ({
      close() {
        this.onmessage = undefined;
      },
      postMessage(data) {
        this.other.onmessage?.({ data });
      },
    });
    this.port1 = port();
    this.port2 = port();
    this.port1.other = this.port2;
    this.port2.other = this.port1;
  }
}

/** The sandboxed frame that Python runs in: takes its port, then each frame of text. */
function pythonFrame(listeners, workers, python) {
  const frame = {
    remove() {
      effects.push("terminate python");
    },
    contentWindow: {
      postMessage(_start, _origin, [port]) {
        const speaker = { say: (data) => port.postMessage(data) };
        workers.python = speaker;
        port.onmessage = ({ data }) => python(JSON.parse(data.text), speaker);
        speaker.say({ op: "ready", ready_ms: 1, snapshot_used: true });
      },
    },
  };
  const loaded = { source: frame.contentWindow, data: { op: "loaded" } };
  queueMicrotask(() => {
    for (const listener of [...listeners]) listener(loaded);
  });
  return frame;
}

/** The offscreen document's world; `python` takes each frame that Python would get. */
export function installOffscreen(python) {
  const workers = {};
  const listeners = new Set();
  globalThis.addEventListener = (_type, listener) => void listeners.add(listener);
  globalThis.removeEventListener = (_type, listener) => void listeners.delete(listener);
  globalThis.location = new URL("../../offscreen/index.html", here);
  globalThis.document = {
    body: { append() {} },
    createElement: () => pythonFrame(listeners, workers, python),
  };
  globalThis.window = { close() {} };
  globalThis.MessageChannel = Channel;
  globalThis.fetch = async () => new Response(MODELS);
  globalThis.Worker = class {
    constructor(_url, { name }) {
      this.name = name;
      workers[name] = this;
      effects.push(`start ${name}`);
    }
    say(data) {
      this.onmessage?.({ data });
    }
    terminate() {
      effects.push(`terminate ${this.name}`);
    }
    postMessage(message) {
      if (this.name === "storage") {
        effects.push(message.op);
        const result = STORAGE[message.op] ?? null;
        queueMicrotask(() => this.say({ id: message.id, result }));
      } else if (this.name === "engine" && message.type === "engine.load") {
        const { model_id } = message;
        const state = { type: "engine.state", state: "ready", model_id, progress: 1, elapsed_s: 0 };
        queueMicrotask(() => this.say(state));
      }
    }
  };
  return workers;
}

/** A connected port of the side panel. */
export function openPort(runtime) {
  const port = {
    name: "assistant",
    sender: { id: ID, url: `${HOME}sidepanel/index.html` },
    onMessage: emitter(),
    onDisconnect: emitter(),
    sent: [],
    onSent: () => {},
    postMessage(frame) {
      if (frame.reply_to === undefined) this.sent.push(frame);
      else this.onSent(frame);
    },
    disconnect() {},
  };
  for (const listener of runtime.onConnect.listeners) listener(port);
  port.say = (frame) => {
    for (const listener of port.onMessage.listeners) listener(frame);
  };
  return port;
}
