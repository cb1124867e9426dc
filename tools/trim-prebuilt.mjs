/**
 * esbuild plugin: empties WebLLM's built-in model list. We always pass our own, and the built list
 * names remote .wasm files, which the extension never loads and a store review would ask about.
 * Nothing else of the package is changed; the build fails when the list is not where it was.
 */

import { readFile } from "node:fs/promises";

const LIST =
  /(\bconst prebuiltAppConfig = \{\s*cacheBackend: "cache",\s*model_list: )\[[\s\S]*?\n {4}\],?(\n\};)/;
const PREFIX = /(\bconst modelLibURLPrefix = )"https:[^"]*"/;

/** @param {string} source of @mlc-ai/web-llm/lib/index.js */
export function trimPrebuilt(source) {
  if (!LIST.test(source) || !PREFIX.test(source))
    throw new Error("web-llm's prebuilt model list was not found; adapt trim-prebuilt.mjs");
  return source.replace(LIST, "$1[]$2").replace(PREFIX, '$1""');
}

/** @returns {import("esbuild").Plugin} */
export const trimPrebuiltPlugin = () => ({
  name: "trim-prebuilt",
  setup(build) {
    build.onLoad({ filter: /@mlc-ai[\\/]web-llm[\\/]lib[\\/]index\.js$/ }, async ({ path }) => ({
      contents: trimPrebuilt(await readFile(path, "utf8")),
      loader: "js",
    }));
  },
});
