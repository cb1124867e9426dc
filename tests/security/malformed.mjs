// Malformed messages at every JavaScript boundary: prints one JSON object, boundary -> what happened.
// node malformed.mjs [--count N] [--seed N] [--only BOUNDARY] [--broken]  (--broken: validation switched off)
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Random } from "./mutate.mjs";
import { Report } from "./report.mjs";
import { installHooks } from "./stubs.mjs";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "2000" },
    seed: { type: "string", default: "20261122" },
    only: { type: "string" },
    broken: { type: "boolean", default: false },
  },
});
const BOUNDARIES = {
  panel_port: ["./boundary_offscreen.mjs", "panelPort"],
  python_frames: ["./boundary_offscreen.mjs", "pythonFrames"],
  background: ["./boundary_background.mjs", "oneShots"],
  page_results: ["./boundary_background.mjs", "pageResults"],
  engine_control: ["./boundary_engine.mjs", "controlChannel"],
  engine_port: ["./boundary_engine.mjs", "generatePort"],
};

/** Each boundary in a process of its own: they share names in the global scope. */
function all() {
  const found = {};
  for (const name of Object.keys(BOUNDARIES)) {
    const started_ms = performance.now();
    const script = fileURLToPath(import.meta.url);
    const rest = ["--count", values.count, "--seed", values.seed, "--only", name];
    if (values.broken) rest.push("--broken");
    const { stdout, stderr, status } = spawnSync(process.execPath, [script, ...rest], {
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
    found[name] = JSON.parse(stdout);
    found[name].took_s = Math.round(performance.now() - started_ms) / 1000;
  }
  return found;
}

if (values.only) {
  const [file, work] = BOUNDARIES[values.only];
  installHooks(values.broken);
  const report = new Report(values.only);
  // The report takes every uncaught error for the product's: the harness's own must end it.
  const broken = (error) => process.stderr.write(error.stack, () => process.exit(1));
  const boundary = await import(file).catch(broken);
  await boundary[work](report, new Random(Number(values.seed)), Number(values.count)).catch(broken);
  if ({}.polluted !== undefined) report.fault("effect", "Object.prototype was changed");
  process.stdout.write(JSON.stringify(report.end()), () => process.exit(0));
} else {
  process.stdout.write(JSON.stringify({ seed: Number(values.seed), boundaries: all() }));
}
