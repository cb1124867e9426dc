// Boots the bundle under Node, with the repository mounted at /repo, and runs Python in it.
//   node tools/pyodide_runner.mjs pytest OUT.json ARGUMENTS...       pytest; outcomes go to OUT.json
//   node tools/pyodide_runner.mjs call OUT MODULE FUNCTION [IN]      OUT = await FUNCTION(text of IN)
// First of all may come --no-snapshot.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bootPython } from "../offscreen/python/boot.js";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const pyodide = path.join(root, "node_modules/pyodide");
const folders = [pyodide, path.join(root, "build/python"), path.join(root, "build/python-cache")];

/** Where a file of the bundle lies on disk; the extension has them all in one folder. */
function placeOf(/** @type {string} */ url) {
  const name = path.basename(fileURLToPath(url));
  const place = folders.map((folder) => path.join(folder, name)).find(existsSync);
  if (!place) throw new Error(`${name} is missing. Run: python -m tools.python_bundle --testing`);
  return place;
}

async function boot(/** @type {boolean} */ snapshot, /** @type {string[]} */ archives) {
  const booted = await bootPython({
    base: pathToFileURL(`${pyodide}/`).href,
    indexURL: pyodide,
    readFile: async (url) => readFileSync(placeOf(url)),
    snapshot,
    archives,
  });
  const { py } = booted;
  py.FS.mkdirTree("/repo");
  py.FS.mount(py.FS.filesystems.NODEFS, { root }, "/repo");
  py.runPython(`import os, sys
sys.dont_write_bytecode = True
sys.path.append("/repo")
os.chdir("/repo")`);
  return booted;
}

async function runPytest(/** @type {boolean} */ snapshot, /** @type {string[]} */ words) {
  const [out, ...given] = words;
  const { py } = await boot(snapshot, ["testing.zip"]);
  const run = py.pyimport("tests.pyodide.inside").run_pytest;
  const [status, outcomes] = run(py.toPy(given)).toJs();
  writeFileSync(out, outcomes);
  return status;
}

async function callFunction(/** @type {boolean} */ snapshot, /** @type {string[]} */ words) {
  const [out, module, name, input] = words;
  const { py, timings, snapshot_used, fallback_reason } = await boot(snapshot, []);
  const called = py.pyimport(module)[name](input ? readFileSync(input, "utf8") : "");
  writeFileSync(out, String(await called));
  console.log(JSON.stringify({ timings, snapshot_used, fallback_reason }));
  return 0;
}

async function main(/** @type {string[]} */ words) {
  const snapshot = words[0] !== "--no-snapshot";
  const [command, ...rest] = snapshot ? words : words.slice(1);
  if (command === "pytest") return runPytest(snapshot, rest);
  if (command === "call") return callFunction(snapshot, rest);
  throw new Error("say: pytest OUT.json ARGUMENTS... or call OUT MODULE FUNCTION [IN]");
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // Only the message: Node would print the whole minified Pyodide with an uncaught error.
  console.error(String(/** @type {any} */ (error)?.message ?? error));
  process.exitCode = 3;
}
