/** Checks accepted calls with Ajv, beside Python's own validation: stdin [{schema, arguments}], stdout [error or null]. */
import Ajv from "ajv/dist/2020.js";

let text = "";
for await (const part of process.stdin) text += part;
const ajv = new Ajv({ strict: false });
const found = JSON.parse(text).map(({ schema, arguments: value }) => {
  const check = ajv.compile({ ...schema, additionalProperties: false });
  return check(value) ? null : ajv.errorsText(check.errors);
});
console.log(JSON.stringify(found));
