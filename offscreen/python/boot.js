/** Starts Pyodide with the Python bundle, from the memory snapshot when that works. No chrome.* here. */

export const SITE_PACKAGES = "/lib/python3.14/site-packages";

/** Pyodide takes an empty lock file only with its own ABI in it; it saves reading the large one. */
export const LOCK = {
  info: {
    abi_version: "2026_0",
    arch: "wasm32",
    platform: "emscripten",
    version: "314.0.7",
    python: "3.14.2",
  },
  packages: {},
};

/** @type {import("./boot.d.ts").ReadFile} */
async function readByFetch(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return response.arrayBuffer();
}

const messageOf = (/** @type {any} */ error) => String(error?.message ?? error);

/** @type {typeof import("./boot.d.ts").bootPython} */
export async function bootPython(options) {
  const { base, onStage = () => {}, readFile = readByFetch } = options;
  const started_ms = performance.now();
  /** @type {Record<string, number>} */
  const timings = {};
  const timed = async (/** @type {string} */ stage, /** @type {() => any} */ work) => {
    onStage(stage);
    const from_ms = performance.now();
    const result = await work();
    timings[`${stage}_ms`] = performance.now() - from_ms;
    return result;
  };

  const archives = ["site.zip", "app.zip", ...(options.archives ?? [])].map((name) =>
    readFile(new URL(name, base).href),
  );
  // A failed read is reported where it is needed, not as an unhandled rejection.
  for (const archive of archives) archive.catch(() => {});
  const { loadPyodide } = await timed("code", () => import(new URL("pyodide.mjs", base).href));
  const settings = {
    indexURL: options.indexURL ?? base,
    lockFileContents: LOCK,
    stdout: options.stdout,
    stderr: options.stderr,
    // Python needs no fetch and no indexedDB, and hostile code in there should not find them.
    jsglobals: options.jsglobals ?? Object.create(null),
  };
  const { py, snapshot_used, fallback_reason } = await timed("load", () =>
    load(loadPyodide, settings, options.snapshot ?? true, base, readFile),
  );
  await timed("unpack", async () => {
    for (const archive of archives) {
      py.unpackArchive(new Uint8Array(await archive), "zip", { extractDir: SITE_PACKAGES });
    }
  });
  await timed("import", () => {
    // The snapshot froze the generator's state; everybody would draw the same numbers.
    py.runPython("import random; random.seed(); import amplifier_core");
  });
  timings.total_ms = performance.now() - started_ms;
  onStage("ready");
  return { py, timings, snapshot_used, fallback_reason };
}

/** Restore the snapshot, or start normally and say why. */
async function load(
  /** @type {any} */ loadPyodide,
  /** @type {object} */ settings,
  /** @type {boolean} */ wanted,
  /** @type {string} */ base,
  /** @type {import("./boot.d.ts").ReadFile} */ readFile,
) {
  let fallback_reason = "not asked for";
  if (wanted) {
    try {
      const bytes = new Uint8Array(await readFile(new URL("snapshot.bin", base).href));
      const py = await loadPyodide({ ...settings, _loadSnapshot: bytes });
      if (py.runPython("sum(range(4))") !== 6)
        throw new Error("the restored interpreter is broken");
      return { py, snapshot_used: true, fallback_reason: null };
    } catch (error) {
      fallback_reason = messageOf(error);
    }
  }
  return { py: await loadPyodide(settings), snapshot_used: false, fallback_reason };
}
