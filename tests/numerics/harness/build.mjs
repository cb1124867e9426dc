/** Builds the harness extension: build.mjs OUTDIR */

import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { trimPrebuiltPlugin } from "../../../tools/trim-prebuilt.mjs";

/** A second models folder in which one byte of the weights of `tiny` differs. */
async function damagedCopy() {
  const manifest = JSON.parse(await readFile(join(root, "models/manifest.json"), "utf8"));
  const tiny = manifest.models.find((model) => model.id === "tiny");
  tiny.id = "tiny-damaged";
  for (const { path, role } of tiny.files) {
    const data = await readFile(join(root, "models", path));
    if (role === "weights") data[1000] ^= 1;
    await mkdir(dirname(join(out, "damaged", path)), { recursive: true });
    await writeFile(join(out, "damaged", path), data);
  }
  const damaged = JSON.stringify({ ...manifest, models: [tiny] });
  await writeFile(join(out, "damaged/manifest.json"), damaged);
}

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../../..");
const out = process.argv[2];
const csp = "script-src 'self' 'wasm-unsafe-eval'; object-src 'self'; connect-src 'self'";

await mkdir(join(out, "offscreen/engine"), { recursive: true });
await esbuild.build({
  entryPoints: { worker: join(here, "worker_entry.js") },
  outdir: join(out, "offscreen/engine"),
  bundle: true,
  format: "esm",
  target: "chrome137",
  plugins: [trimPrebuiltPlugin()],
  // web-llm's Node-only branches, never reached in a browser.
  external: ["url", "fs", "path", "perf_hooks", "ws", "module", "crypto", "worker_threads"],
  logLevel: "error",
});
await cp(join(here, "page.js"), join(out, "page.js"));
await cp(join(root, "models"), join(out, "models"), { recursive: true });
await damagedCopy();
await writeFile(
  join(out, "page.html"),
  '<!doctype html><script type="module" src="page.js"></script>',
);
await writeFile(join(out, "sw.js"), "");
await writeFile(
  join(out, "manifest.json"),
  JSON.stringify({
    manifest_version: 3,
    name: "engine harness",
    version: "0.1",
    background: { service_worker: "sw.js" },
    content_security_policy: { extension_pages: csp },
  }),
);
