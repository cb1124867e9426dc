// Runs the given jobs in one Pyodide under Node: makes the snapshot, compiles trees to byte code.
// Usage: node in_pyodide.mjs JOBS.json   where JOBS is {pyodide, lock, snapshot, make_snapshot, compile: [{from, to, prefix}]}
import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";

const COMPILE = `
def compile_tree(source_zip, prefix):
    """Return a zip of the tree with every .py as an unchecked-hash .pyc beside its place."""
    import importlib.util, io, zipfile
    from importlib._bootstrap_external import _code_to_hash_pyc
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source_zip)) as given:
        files = {info.filename: given.read(info) for info in given.infolist()}
    compiled = {}
    for name in sorted(files):
        content = files[name]
        if name.endswith(".py"):
            code = compile(content, f"{prefix}/{name}", "exec", dont_inherit=True, optimize=0)
            content = bytes(_code_to_hash_pyc(code, importlib.util.source_hash(content), False))
            name += "c"
        compiled[name] = content
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(compiled):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.create_system = 3
            archive.writestr(info, compiled[name])
    return out.getvalue()
compile_tree
`;

/** Make clock and entropy constant: what a snapshot freezes is public anyway, and so builds repeat. */
function freezeWorld() {
  let ticks_ms = 0;
  Date.now = () => 1_700_000_000_000;
  performance.now = () => (ticks_ms += 1);
  const fill = (/** @type {ArrayBufferView} */ view) => {
    new Uint8Array(view.buffer, view.byteOffset, view.byteLength).fill(0x5a);
    return view;
  };
  globalThis.crypto.getRandomValues = /** @type {any} */ (fill);
  // The program's name ends up in the interpreter's memory: no path of this machine.
  process.argv = ["node", "python"];
}

async function main() {
  const jobs = JSON.parse(await readFile(process.argv[2], "utf8"));
  freezeWorld();
  const { loadPyodide } = await import(pathToFileURL(`${jobs.pyodide}/pyodide.mjs`).href);
  // A fixed hash seed gives sets and dictionaries the same order in every build.
  const options = {
    indexURL: jobs.pyodide,
    lockFileContents: jobs.lock,
    env: { HOME: "/home/pyodide", PYTHONHASHSEED: "0" },
  };
  if (jobs.make_snapshot) {
    const py = await loadPyodide({ ...options, _makeSnapshot: true });
    // Its state would be the only thing that differs between builds; starting reseeds it.
    py.runPython("import random; random.seed(0)");
    await writeFile(jobs.snapshot, py.makeMemorySnapshot());
  }
  const snapshot = await readFile(jobs.snapshot);
  for (const { from, to, prefix } of jobs.compile) {
    // One fresh interpreter per tree: byte code depends a little on what was compiled before.
    const py = await loadPyodide({ ...options, _loadSnapshot: new Uint8Array(snapshot) });
    const compileTree = py.runPython(COMPILE);
    const source = py.toPy(new Uint8Array(await readFile(from)));
    const result = compileTree(source, prefix);
    await writeFile(to, result.toJs());
    result.destroy();
    source.destroy();
  }
}

// Only the message: Node would print the whole minified Pyodide with an uncaught error.
await main().catch((error) => {
  console.error(String(error?.message ?? error));
  process.exitCode = 1;
});
