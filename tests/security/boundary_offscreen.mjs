// The offscreen document: the panel's port, and what its Python worker says. The real offscreen/index.js.
import { mutate, NOTIFICATIONS, REQUESTS, sampleOf, spoiltText } from "./mutate.mjs";
import { isValid, tick } from "./report.mjs";
import {
  EFFECTFUL,
  effects,
  installBrowser,
  installOffscreen,
  openPort,
  SETTINGS,
} from "./stubs.mjs";

const block = {
  kind: "page",
  origin: "https://a.example",
  trust: "untrusted",
  title: "A",
  url: "https://a.example/",
  text: "words",
  total_chars: 5,
  truncated: false,
};
const ANSWER = { block, page: { tab_id: 1, document_id: "D", origin: "https://a.example" } };
const PANEL = Object.keys(REQUESTS).filter(
  (type) =>
    type.startsWith("offscreen.") &&
    !/ask_approval|execute_tool|http_|builtin_|tab_changed|settings_changed/.test(type),
);

async function start(python) {
  const answer = async ({ id, body }) => {
    const result = body.type === "background.read_settings" ? { settings: SETTINGS } : ANSWER;
    return { v: 1, reply_to: id, ok: true, result };
  };
  const runtime = installBrowser(answer);
  const workers = installOffscreen(python);
  await import("../../offscreen/index.js");
  const port = openPort(runtime);
  await tick();
  return { port, workers };
}

/** Spoils a frame: mostly its body, sometimes the envelope. */
export function spoiltFrame(body, number, random) {
  const frame = { v: 1, id: `r${number}`, body };
  if (random.chance(0.75)) return { ...frame, body: mutate(body, random) };
  if (random.chance(0.1)) return { ...frame, id: "r0" };
  return mutate(frame, random);
}

const isRequest = (frame) =>
  typeof frame?.id === "string" && typeof frame.reply_to !== "string" && !Array.isArray(frame);

function validRequest(frame) {
  const type = frame?.body?.type;
  const known = typeof type === "string" && Object.hasOwn(REQUESTS, type) && REQUESTS[type];
  return Boolean(frame?.v === 1 && known && isValid(known.request, frame.body));
}

const hits = (from) => effects.slice(from).filter((name) => EFFECTFUL.has(name));

/** Panel -> offscreen. */
export async function panelPort(report, random, count) {
  const finish = (frame, worker) => {
    const say = (value) => worker.say({ op: "frame", text: JSON.stringify(value) });
    say({ v: 1, reply_to: frame.id, ok: true, result: { done: true } });
    if (frame.body.type !== "python.run_turn") return;
    const end = { type: "turn.finished", status: "completed", text: "done", transcript: [] };
    const { turn_id } = frame.body;
    say({ v: 1, body: { type: "offscreen.python_events", turn_id, events: [end] } });
  };
  const { port } = await start(finish);
  const ask = (frame) => {
    const answered = new Promise((resolve) => {
      port.onSent = resolve;
    });
    report.guard(() => port.say(frame));
    return report.settled(answered, frame);
  };
  const alive = async () => {
    const reply = await ask({ v: 1, id: "good", body: { type: "offscreen.read_state" } });
    if (reply?.ok && isValid("AppState", reply.result)) report.counts.alive += 1;
    else report.fault("not_alive", reply);
  };
  for (let number = 0; number < count && !report.hopeless; number++) {
    const type = random.pick(PANEL);
    const body = sampleOf(REQUESTS[type].request, random);
    if (body.turn_id) body.turn_id = `t${number}`;
    if (body.model_id) body.model_id = random.pick(["starter", "tiny"]);
    const frame = spoiltFrame(body, number, random);
    report.counts.cases += 1;
    if (!isRequest(frame)) {
      const { logged } = report.counts;
      port.onSent = (reply) => report.fault("bad_reply", reply);
      report.guard(() => port.say(frame));
      await tick();
      report.counts.dropped += 1;
      if (report.counts.logged === logged && typeof frame?.reply_to !== "string" && !frame?.body)
        report.fault("accepted", frame);
    } else {
      const valid = validRequest(frame);
      report.counts.valid += Number(valid);
      const from = effects.length;
      const reply = await ask(frame);
      report.reply(reply, frame.id, valid, frame);
      if (!valid && hits(from).length) report.fault("effect", { hits: hits(from), frame });
      port.onSent = (second) => report.fault("bad_reply", { second, frame });
    }
    if (number % 250 === 249) await alive();
  }
  await alive();
  effects.length = 0;
}

const FROM_PYTHON = [
  ...["PythonEvents", "PythonEvents", "PythonEvents"],
  ...["AskApproval", "AskApproval", "ExecuteTool", "ExecuteTool", "HttpSend", "HttpCancel"],
];

/** Python -> offscreen: text frames of its worker while a turn is open. */
export async function pythonFrames(report, random, count) {
  let onReply = () => {};
  const { port, workers } = await start((frame, worker) => {
    if (frame.reply_to !== undefined) return onReply(frame);
    const reply = { v: 1, reply_to: frame.id, ok: true, result: { done: true } };
    worker.say({ op: "frame", text: JSON.stringify(reply) });
  });
  port.postMessage = (frame) => {
    if (frame.reply_to !== undefined) return port.onSent(frame);
    const name = NOTIFICATIONS[frame.body?.type];
    if (!name || !isValid(name, frame.body)) report.fault("effect", frame);
  };
  let turns = 0;
  let turn_id = "";
  let over = true;
  const begin = async () => {
    turns += 1;
    turn_id = `turn-${turns}`;
    over = false;
    const body = sampleOf("RunTurn", random);
    Object.assign(body, { turn_id, model_id: "starter", context_refs: [], page: null });
    const answered = new Promise((resolve) => {
      port.onSent = resolve;
    });
    port.say({ v: 1, id: turn_id, body });
    const reply = await report.settled(answered, body);
    if (reply?.ok) report.counts.alive += 1;
    else report.fault("not_alive", reply);
    for (let i = 0; i < 20; i++) await tick();
  };
  for (let number = 0; number < count && !report.hopeless; number++) {
    if (over) await begin();
    const name = random.pick(FROM_PYTHON);
    const body = sampleOf(name, random);
    if (name === "AskApproval") {
      Object.assign(body.approval, { turn_id, timeout_s: 0.001 });
    } else if ("turn_id" in body) body.turn_id = turn_id;
    const frame = spoiltFrame(body, number, random);
    if (name === "PythonEvents" && random.chance(0.95)) delete frame?.id;
    const text = spoiltText(frame, random);
    report.counts.cases += 1;
    const parsed = parse(text);
    const asks = isRequest(parsed);
    const replies = [];
    onReply = (reply) => replies.push(reply);
    const from = effects.length;
    const { logged } = report.counts;
    report.guard(() => workers.python.say({ op: "frame", text }));
    const valid = parsed !== BAD && validRequest(parsed);
    report.counts.valid += Number(valid || isEvents(parsed));
    if (asks) {
      for (let i = 0; i < 3000 && !replies.length; i++) await (i < 20 ? tick() : pause(1));
      if (!replies.length) report.fault("hang", parsed);
      else if (replies.length > 1) report.fault("bad_reply", { replies, parsed });
      else report.reply(replies[0], parsed.id, valid, parsed);
    } else {
      await tick();
      if (replies.length) report.fault("bad_reply", { replies, parsed });
      if (isEvents(parsed)) report.counts.answered += 1;
      else {
        report.counts.dropped += 1;
        if (typeof parsed?.reply_to !== "string" && report.counts.logged === logged)
          report.fault("accepted", parsed);
      }
    }
    // Nothing here was ever approved by a click, and no server was named: nothing may be written or sent.
    if (hits(from).length) report.fault("effect", { hits: hits(from), parsed });
    over =
      effects.includes("terminate python") ||
      (isEvents(parsed) && parsed.body.events.some(({ type }) => type === "turn.finished"));
    effects.length = 0;
  }
  const still = new Promise((resolve) => {
    port.onSent = resolve;
  });
  port.say({ v: 1, id: "good", body: { type: "offscreen.read_state" } });
  if ((await report.settled(still, "read_state"))?.ok) report.counts.alive += 1;
}

const BAD = Symbol("not JSON");
const pause = (delay_ms) => new Promise((resolve) => setTimeout(resolve, delay_ms));
const isEvents = (frame) =>
  frame?.v === 1 && frame.id == null && isValid("PythonEvents", frame.body);

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return BAD;
  }
}
