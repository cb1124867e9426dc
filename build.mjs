// Bundles the JavaScript, copies what is data, and checks that the manifest names nothing that is not there.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, context } from "esbuild";
import { trimPrebuiltPlugin } from "./tools/trim-prebuilt.mjs";

const root = path.dirname(fileURLToPath(import.meta.url));
const args = new Set(process.argv.slice(2));
const release = args.has("--release");
const out = path.join(root, release ? "build/release" : "dist");
const pages = {
  "background/index": "background/index.js",
  "background/extract": "background/extract/index.js",
  "sidepanel/index": "sidepanel/index.js",
  "offscreen/index": "offscreen/index.js",
  "offscreen/storage/worker": "offscreen/storage/worker.js",
  "offscreen/network/worker": "offscreen/network/worker.js",
  "offscreen/engine/worker": "offscreen/engine/worker.js",
};
/** Scripts of the sandboxed frame: classic ones, as its worker may not be a module. */
const classic = {
  "offscreen/python/frame": "offscreen/python/frame.js",
  "offscreen/python/worker": "offscreen/python/worker.js",
};

/** @type {import("esbuild").BuildOptions} */
const options = {
  absWorkingDir: root,
  entryPoints: pages,
  outdir: out,
  bundle: true,
  format: "esm",
  target: "chrome137",
  minify: release,
  sourcemap: release ? false : "linked",
  legalComments: "eof",
  plugins: [trimPrebuiltPlugin()],
  external: ["url", "fs", "module", "path", "perf_hooks", "ws", "crypto"],
  logLevel: "warning",
};

const files = [
  "background/managed-schema.json",
  "sidepanel/index.html",
  "sidepanel/panel.css",
  "offscreen/index.html",
  "offscreen/python/frame.html",
];

async function copyData() {
  const python = process.env.SIDELIGHT_PYTHON ?? path.join(root, ".venv/bin/python");
  execFileSync(python, ["-m", "tools.python_bundle"], { cwd: root, stdio: "inherit" });
  await mkdir(path.join(out, "pyodide"), { recursive: true });
  for (const name of ["pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"]) {
    await cp(path.join(root, "node_modules/pyodide", name), path.join(out, "pyodide", name));
  }
  for (const name of ["site.zip", "app.zip", "snapshot.bin"]) {
    await cp(path.join(root, "build/python", name), path.join(out, "pyodide", name));
  }
  await copyModels();
  for (const file of files) {
    await cp(path.join(root, file), path.join(out, file));
  }
  await cp(path.join(root, "icons"), path.join(out, "icons"), { recursive: true });
  await cp(path.join(root, "LICENSE"), path.join(out, "LICENSE"));
  await cp(path.join(root, "manifest.json"), path.join(out, "manifest.json"));
}

/** A release carries the models for people; the test model goes into development builds only. */
async function copyModels() {
  const manifest = JSON.parse(await readFile(path.join(root, "models/manifest.json"), "utf8"));
  manifest.models = manifest.models.filter(
    (/** @type {any} */ m) => !release || m.purpose === "default",
  );
  for (const model of manifest.models) {
    for (const { path: file } of model.files) {
      await cp(path.join(root, "models", file), path.join(out, "models", file));
    }
  }
  await writeFile(path.join(out, "models/manifest.json"), JSON.stringify(manifest, null, 1));
}

async function checkManifest() {
  const manifest = JSON.parse(await readFile(path.join(out, "manifest.json"), "utf8"));
  const named = [
    manifest.background.service_worker,
    manifest.side_panel.default_path,
    ...Object.values(manifest.icons),
    ...manifest.sandbox.pages,
    manifest.storage.managed_schema,
    "offscreen/index.html",
  ];
  const missing = named.filter((file) => !existsSync(path.join(out, file)));
  if (missing.length) throw new Error(`the manifest names files that are not there: ${missing}`);
}

await rm(out, { recursive: true, force: true });
await build(options);
await build({ ...options, entryPoints: classic, format: "iife" });
await copyData();
await checkManifest();
if (args.has("--watch")) {
  const watching = await context(options);
  await watching.watch();
  console.log("watching; reload the extension after a change");
}
