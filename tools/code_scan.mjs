// Reprints each script given on standard input (one path per line) without comments; JSON {path: text} on output.
import { readFileSync } from "node:fs";
import { transformSync } from "esbuild";

const paths = readFileSync(0, "utf8").split("\n").filter(Boolean);
const texts = Object.fromEntries(
  paths.map((path) => {
    const { code } = transformSync(readFileSync(path, "utf8"), {
      format: "esm",
      target: "chrome137",
      charset: "utf8",
      minifyWhitespace: true,
      legalComments: "none",
    });
    return [path, code];
  }),
);
process.stdout.write(JSON.stringify(texts));
