// node bundle.mjs OUT [careless]: the panel over bus.js; careless: its two writers of text replaced.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const [outfile, careless] = process.argv.slice(2);
const replaced = { "bus.js": "bus.js" };
if (careless)
  Object.assign(replaced, { "dom.js": "broken_dom.js", "markdown.js": "broken_markdown.js" });
await build({
  entryPoints: [path.join(here, "../../../sidepanel/index.js")],
  outfile,
  bundle: true,
  format: "esm",
  target: "chrome137",
  logLevel: "error",
  plugins: [
    {
      name: "replace",
      setup(b) {
        b.onResolve({ filter: /\/(bus|dom|markdown)\.js$/ }, ({ path: name, importer }) => {
          const other = replaced[path.basename(name)];
          return other && !importer.startsWith(here) ? { path: path.join(here, other) } : undefined;
        });
      },
    },
  ],
});
