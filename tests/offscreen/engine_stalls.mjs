// Calls and loads that stop giving signs of life, in Node: prints one JSON object per scenario.
import { Call, streamCompletion } from "../../offscreen/engine/generate.js";
import { LoadProgress } from "../../offscreen/engine/progress.js";

const LIMITS_MS = { first: 60, next: 30 };
const wait = (delay_ms) => new Promise((resolve) => setTimeout(resolve, delay_ms));
const token = (content) => ({ choices: [{ delta: { content }, finish_reason: null }] });
const end = { choices: [{ delta: {}, finish_reason: "stop" }] };

/** @param {(number | object)[]} script chunks, and between them waits in milliseconds */
async function run(script) {
  const sent = [];
  const call = new Call("c", (message) => sent.push(message));
  async function* chunks() {
    for (const item of script) {
      if (typeof item === "number") await wait(item);
      else yield item;
    }
  }
  const engine = { chat: { completions: { create: async () => chunks() } } };
  let failure = null;
  try {
    await streamCompletion(engine, "m", {}, call, LIMITS_MS);
  } catch (error) {
    failure = { code: error.code, message: error.message };
  }
  return { failure, text: call.text, settled: call.settled, sent: sent.map(({ type }) => type) };
}

function loadStates() {
  const states = [];
  const progress = new LoadProgress((state) => states.push(state.stage), "m");
  progress.enter("fetch");
  progress.stop();
  progress.enter("upload");
  progress.report({ progress: 0.5, text: "Loading model" });
  return states;
}

console.log(
  JSON.stringify({
    steady: await run([45, token("a"), 5, token("b"), 5, end]),
    no_first_token: await run([2_000, token("a"), end]),
    no_next_token: await run([token("a"), 2_000, token("b"), end]),
    given_up_load: loadStates(),
  }),
);
process.exit(0);
