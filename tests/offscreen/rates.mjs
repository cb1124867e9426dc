// Speeds of models that are kept for the notice of a change, in Node: prints one JSON object.
import { keepRate, readRate } from "../../offscreen/rates.js";

const kept = new Map();
const storage = {
  readRate: async (name) => kept.get(name) ?? null,
  writeRate: async (name, value) => kept.set(name, value),
};
const full = {
  readRate: () => Promise.reject(new Error("no disk")),
  writeRate: () => Promise.reject(new Error("no disk")),
};
const usage = (prefilled_tokens, prefill_tokens_per_s) => ({
  prefilled_tokens,
  prefill_tokens_per_s,
});

const results = { unknown: await readRate(storage, "m") };
await keepRate(storage, "m", usage(200, 123.4));
results.measured = await readRate(storage, "m");
await keepRate(storage, "m", usage(10, 9));
await keepRate(storage, "m", usage(500, null));
results.after_little = await readRate(storage, "m");
results.other = await readRate(storage, "n");
await keepRate(full, "m", usage(200, 5));
results.no_disk = await readRate(full, "m");
await keepRate(storage, "m", usage(1e308, 1e308));
await keepRate(storage, "m", usage(200, -5));
results.nonsense = await readRate(storage, "m");
process.stdout.write(JSON.stringify(results));
