/** Bundles the page: build.mjs OUTDIR */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const out = process.argv[2];
await esbuild.build({
  entryPoints: [fileURLToPath(new URL("page.js", import.meta.url))],
  outfile: join(out, "page.js"),
  bundle: true,
  format: "esm",
  target: "chrome137",
  external: ["url", "fs", "path", "perf_hooks", "ws", "module", "crypto"],
  logLevel: "error",
});
await writeFile(
  join(out, "index.html"),
  '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script type="module" src="page.js"></script>',
);
