// JSON Schema -> TypeScript declarations and a precompiled validator.
// Ajv runs here, at build time: its run-time compiler uses new Function, which the extension's CSP refuses.
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import Ajv from "ajv";
import standaloneCode from "ajv/dist/standalone/index.js";
import { build } from "esbuild";
import { compile } from "json-schema-to-typescript";

const [schemaPath, out] = process.argv.slice(2);
const schema = JSON.parse(await readFile(schemaPath, "utf8"));
const { "x-requests": requests, "x-notifications": notifications, ...document } = schema;

const named = Object.keys(document.$defs);
const types = await compile(
  {
    ...document,
    type: "object",
    properties: Object.fromEntries(named.map((n) => [n, { $ref: `#/$defs/${n}` }])),
    required: named,
    additionalProperties: false,
  },
  "ContractTypes",
  { bannerComment: "", format: false, unreachableDefinitions: true, strictIndexSignatures: false },
);
const table = (name, rows) => `export interface ${name} {\n${rows.join("\n")}\n}\n`;
const noise =
  /(\/\*\*\n| \*\s*\n)? \* This interface was referenced by `\w+`'s JSON-Schema\n \* via the `definition` "\w+"\.\n/g;
const declarations = [
  "// Generated from python/sidelight/contract/ by `python -m tools.contract`. Never edited.",
  types
    .replace(noise, (_all, open) => (open?.startsWith("/**") ? "/**\n" : ""))
    .replaceAll("/**\n */\n", ""),
  table(
    "Requests",
    Object.entries(requests).map(
      ([type, r]) => `  ${JSON.stringify(type)}: { request: ${r.request}; result: ${r.result} };`,
    ),
  ),
  table(
    "Notifications",
    Object.entries(notifications).map(([type, n]) => `  ${JSON.stringify(type)}: ${n};`),
  ),
].join("\n");
await writeFile(path.join(out, "contract.d.ts"), declarations);

const ajv = new Ajv({
  strict: false,
  allErrors: false,
  inlineRefs: false,
  code: { source: true, esm: true },
});
ajv.addSchema(document, "sidelight");
// What crosses a trust edge is validated: requests, what the panel is told, what was read from a
// page, what Python says.
const requestModels = Object.entries(requests).filter(([type]) => !type.startsWith("python."));
const toPanel = Object.entries(notifications).filter(([type]) => type.startsWith("panel."));
const others = ["PageText", "PythonEvents", "EngineGenerate", "EngineCount", "EngineInterrupt"];
const checked = [
  ...requestModels.map(([, r]) => r.request),
  ...toPanel.map(([, model]) => model),
  ...others,
];
const exported = Object.fromEntries(
  [...new Set(checked)].sort().map((n) => [n, `sidelight#/$defs/${n}`]),
);
const code = standaloneCode(ajv, exported);
const map = (name, rows) =>
  `export const ${name} = {${rows.map(([type, n]) => `${JSON.stringify(type)}: ${n}`).join(", ")}};\n`;
// Two maps: only the panel carries the validators of what it is told.
const requestMap = map(
  "byType",
  requestModels.map(([type, r]) => [type, r.request]),
);
const entry = `${code}\n${requestMap}${map("toPanel", toPanel)}`;
const bundled = await build({
  stdin: { contents: entry, resolveDir: process.cwd(), loader: "js" },
  bundle: true,
  format: "esm",
  write: false,
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
});
await writeFile(
  path.join(out, "contract-check.js"),
  `// @ts-nocheck\n// Generated from python/sidelight/contract/ by \`python -m tools.contract\`. Never edited.\n${bundled.outputFiles[0].text}`,
);
