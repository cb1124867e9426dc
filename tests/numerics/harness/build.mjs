/** Builds the harness extension: build.mjs OUTDIR */

import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";
import { trimPrebuiltPlugin } from "../../../tools/trim-prebuilt.mjs";

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
for (const name of ["page.js", "trigonometry.js"]) await cp(join(here, name), join(out, name));
await cp(join(root, "models"), join(out, "models"), { recursive: true });
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
