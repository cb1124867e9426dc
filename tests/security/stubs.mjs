// What Node lacks: the extension API, workers, WebGPU and WebLLM. Loaded by hooks in place of the packages.
import { readFileSync } from "node:fs";
import { register } from "node:module";

const here = new URL(".", import.meta.url);
const source = (code) => `data:text/javascript,${encodeURIComponent(code)}`;

/** Boundaries with their validation switched off, for the control: module -> what replaces it. */
const ALL_PASSES = `const yes = () => true; const any = new Proxy({}, { get: () => yes, has: () => true });
export const byType = any; export const PageText = yes, PythonEvents = yes, EngineGenerate = yes,
  EngineInterrupt = yes, ErrorData = yes;`;

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
  "deleteConversation",
  "writeChoice",
  "addTodo",
  "completeTodo",
]);
const STORAGE = { listConversations: [], readTranscript: [], listTodos: [], addTodo: [] };

/** The offscreen document's world; `python` takes each frame that Python would get. */
export function installOffscreen(python) {
  const workers = {};
  globalThis.window = { close() {} };
  globalThis.fetch = async () => new Response(MODELS);
  globalThis.Worker = class {
    constructor(_url, { name }) {
      this.name = name;
      workers[name] = this;
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
      } else if (message.op === "start") {
        queueMicrotask(() => this.say({ op: "ready", ready_ms: 1, snapshot_used: true }));
      } else if (message.op === "frame") python(JSON.parse(message.text), this);
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
