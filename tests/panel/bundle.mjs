// node bundle.mjs ENTRY OUT: bundle panel code with the message bus replaced by the fake one.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const [entry, outfile] = process.argv.slice(2);
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  format: "esm",
  target: "chrome137",
  logLevel: "warning",
  plugins: [
    {
      name: "fake-bus",
      setup(b) {
        b.onResolve({ filter: /shared\/bus\.js$/ }, () => ({
          path: path.join(here, "fakes/bus.js"),
        }));
      },
    },
  ],
});
