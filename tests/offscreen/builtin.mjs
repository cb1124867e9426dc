// The browser's own model, played by a script, in Node: prints one JSON object, name -> outcome. No browser of the
// tests has one; what is proven here is our side of the Prompt API.
import { Builtin } from "../../offscreen/builtin.js";

const named = (name) => Object.assign(new Error(`${name} happened`), { name });

/** A LanguageModel that answers with these chunks; an Error among them is thrown. */
function api(chunks, more = {}) {
  const log = [];
  return {
    log,
    availability: async () => "available",
    params: async () => ({ defaultTopK: 3, maxTopK: 8, defaultTemperature: 1 }),
    async create(options) {
      log.push(["create", { ...options, signal: undefined }]);
      if (more.create) throw more.create;
      return {
        inputQuota: 9216,
        inputUsage: 100,
        measureInputUsage: async () => 11,
        promptStreaming(input, { signal, responseConstraint }) {
          log.push(["prompt", input, responseConstraint ?? null]);
          const waiting = [...chunks];
          return new ReadableStream({
            async pull(stream) {
              const chunk = waiting.shift();
              if (chunk === undefined) return stream.close();
              if (chunk instanceof Error) return stream.error(chunk);
              if (chunk !== "HOLD") return stream.enqueue(chunk);
              await new Promise((resolve) => {
                if (signal.aborted) resolve();
                signal.addEventListener("abort", resolve);
              });
              stream.error(named("AbortError"));
            },
          });
        },
        destroy: () => log.push(["destroy"]),
      };
    },
    ...more.api,
  };
}

const CALL = {
  request_id: "r-1",
  conversation_id: "c-1",
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Hi" },
    { role: "tool", content: "a result" },
  ],
  temperature: null,
  answer_schema: null,
};

const results = {};
async function run(name, model, call = CALL, cancelAfter = null) {
  const builtin = new Builtin(model);
  const texts = [];
  const ends = [];
  await new Promise((resolve) => {
    const listener = {
      onChunk(text) {
        texts.push(text);
        if (texts.length === cancelAfter) builtin.cancel(call.request_id);
      },
      onEnd(end) {
        ends.push(end);
        setTimeout(resolve, 5);
      },
    };
    try {
      builtin.generate(call, listener);
    } catch (error) {
      ends.push({ usage: null, error: error.data });
      resolve();
    }
  });
  const open = builtin.running.size;
  const log = model?.log ?? [];
  results[name] = { text: texts.join(""), ends, log, open, window: builtin.window_tokens };
}

for (const state of ["available", "downloadable", "downloading", "unavailable"]) {
  const model = api([], { api: { availability: async () => state } });
  results[`picker_${state}`] = await new Builtin(model).model();
}
results.picker_none = await new Builtin(undefined).model();
const broken = { availability: () => Promise.reject(named("NotAllowedError")) };
results.picker_broken = await new Builtin(broken).model();

await run("words", api(["Hel", "", "lo."]));
await run("temperature", api(["A"]), { ...CALL, temperature: 0.2 });
await run("schema", api(["{}"]), { ...CALL, answer_schema: { type: "object" } });
await run("stopped", api(["Hel", "HOLD"]), CALL, 1);
await run("too_long", api([], { create: named("QuotaExceededError") }));
await run("filtered", api(["Hel", named("NotReadableError")]));
await run("crashed", api(["Hel", named("UnknownError")]));
await run("none", undefined);
process.stdout.write(JSON.stringify(results));
