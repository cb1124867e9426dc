// The whole input table of the fallback, in Node: prints a JSON list of {situation, step}.
import { fallback } from "../../offscreen/fallback.js";

const webllm = (model_id, size_bytes, more = {}) => ({
  model_id,
  label: model_id.toUpperCase(),
  family: "general",
  description: "",
  size_bytes,
  context_window_tokens: 4096,
  embedded: false,
  provider: "webllm",
  ...more,
});
const MODELS = [
  webllm("big-f16", 5000, { needs_f16: true, variant_of: "big" }),
  webllm("big-f32", 6000, { variant_of: "big" }),
  webllm("mid-f16", 2000, { needs_f16: true, variant_of: "mid" }),
  webllm("mid-f32", 2500, { variant_of: "mid" }),
  webllm("starter", 100, { embedded: true }),
  webllm("tiny", 10, { embedded: true, for_tests: true }),
];
const OWN = webllm("builtin", 0, { provider: "builtin" });
const AWAY = ["s-1", "s-2"].map((server_id) =>
  webllm(`${server_id}:m`, 0, { provider: "openai", server_id }),
);
const SERVERS = ["s-1", "s-2"].map((server_id, index) => ({
  server_id,
  label: server_id,
  base_url: `https://h${index + 1}.example/v1`,
  has_key: false,
  models: [],
}));
const CODES = [
  ...["no_webgpu", "no_adapter", "device_lost", "engine_crashed", "engine_failed"],
  ...["missing_feature", "out_of_memory", "load_failed", "model_files_missing"],
  ...["context_too_long", "bad_grammar", "internal"],
  ...["server_failed", "network_unreachable", "stream_broken", "builtin_failed", "bad_api_key"],
];

/** The models of servers are there only when the level lets them be reached, as in offscreen/models.js. */
const table = [];
for (const code of CODES)
  for (const level of ["device", "servers", "web"])
    for (const model_id of ["big-f16", "mid-f32", "starter", "builtin", "s-1:m", "gone"])
      for (const shader_f16 of [true, false, null])
        for (const own of [true, false])
          for (const servers of [[], SERVERS])
            for (const begun of [true, false])
              for (const tried of [[model_id], [model_id, model_id], [model_id, "starter"]]) {
                const away = level === "device" || !servers.length ? [] : AWAY;
                const models = [...MODELS, ...(own ? [OWN] : []), ...away];
                const situation = {
                  code,
                  model_id,
                  models,
                  servers,
                  level,
                  shader_f16,
                  tried,
                  begun,
                };
                const step = fallback(situation);
                const { models: _, servers: known, ...row } = situation;
                table.push({
                  ...row,
                  own,
                  servers: known.length,
                  step: step.step,
                  model: step.model?.model_id ?? null,
                  notice: step.notice ?? "",
                  offers: step.offers?.map((offer) => offer.model_id) ?? [],
                  hosts: step.offers?.map((offer) => offer.host) ?? [],
                  hint: step.hint ?? "",
                });
              }
process.stdout.write(JSON.stringify(table));
