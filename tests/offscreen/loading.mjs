// Loading a model, or one that stands in for it, in Node over a scripted engine: prints one JSON object.
import { explained, loadModelOf } from "../../offscreen/loading.js";
import { problem } from "../../shared/errors.js";

const model = (model_id, more = {}) => ({
  model_id,
  label: model_id,
  size_bytes: 1,
  provider: "webllm",
  ...more,
});
const MODELS = [
  model("big", { size_bytes: 9 }),
  model("starter", { embedded: true }),
  model("s-1:m", { provider: "openai", server_id: "s-1" }),
];
const SERVERS = [{ server_id: "s-1", base_url: "https://h.example/v1" }];

/** @param {Record<string, string[]>} script model -> codes of its failures, in order; then it loads */
function parts(script, { level = "device", own = [] } = {}) {
  const log = [];
  const models = [...MODELS.filter(({ server_id }) => level !== "device" || !server_id), ...own];
  return {
    log,
    engine: {
      state: { device: { shader_f16: false } },
      async load(model_id) {
        log.push(`load ${model_id}`);
        const code = script[model_id]?.shift();
        if (code) throw problem(code, `${model_id} failed.`, "Do this.", true);
      },
    },
    choices: {
      models,
      settings: { level, servers: SERVERS },
      find: (id) => models.find(({ model_id }) => model_id === id),
      needsEngine: (one) => one.provider === "webllm",
      choose: async (id) => log.push(`choose ${id}`),
    },
    pushState: () => {},
  };
}

const turn = (model_id) => ({
  body: { model_id, conversation_id: "c", turn_id: "t" },
  journal: { message: { model_id } },
  failed: [],
  stopped: false,
});

const results = {};
async function run(name, script, options = {}, model_id = "big") {
  const all = parts(script, options);
  const one = turn(model_id);
  const notices = [];
  const outcome = await loadModelOf(all, one, (code, message) =>
    notices.push([code, message]),
  ).then(
    (loaded) => loaded.model_id,
    (error) => error.data,
  );
  results[name] = { outcome, log: all.log, notices, answered_by: one.journal.message.model_id };
}

await run("loads", {});
await run("lost_once", { big: ["device_lost"] });
await run("lost_twice", { big: ["device_lost", "device_lost"] });
await run("too_big", { big: ["out_of_memory"] });
await run("nothing_loads", { big: ["load_failed"], starter: ["load_failed"] });
await run("no_webgpu", { big: ["no_webgpu"] });
await run(
  "no_webgpu_own",
  { big: ["no_webgpu"] },
  { own: [model("builtin", { provider: "builtin" })] },
);
await run("no_webgpu_servers", { big: ["no_webgpu"] }, { level: "servers" });
await run("server", {}, { level: "servers" }, "s-1:m");

const error = problem("server_failed", "It failed.", "Try again.", true).data;
results.offered = explained(parts({}, { level: "servers" }), turn("s-1:m"), error);
process.stdout.write(JSON.stringify(results));
