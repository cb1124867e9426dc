// A probe of a tab whose process learns of the grant late, in Node: prints one JSON object.
import { probe } from "../../background/probe.js";

const LOOK = { url: "https://a.example/", origin: "https://a.example", host: "a.example" };
const DENIED = "Cannot access contents of the page. Extension manifest must request permission.";

/** @param {string[]} errors of the first looks, in order; "" for one that is answered */
async function look(errors, url) {
  let looks = 0;
  globalThis.chrome = {
    scripting: {
      executeScript: async () => {
        const error = errors[Math.min(looks++, errors.length - 1)];
        if (error) throw new Error(error);
        return [{ documentId: "D", result: LOOK }];
      },
    },
  };
  const seen = await probe({ tabId: 1 }, url);
  return [seen.ok ? seen.document_id : seen.code, looks];
}

const results = {
  at_once: await look([""], LOOK.url),
  late: await look([DENIED, DENIED, DENIED, ""], LOOK.url),
  never: await look([DENIED], LOOK.url),
  no_grant: await look([DENIED], undefined),
  a_file: await look([DENIED], "file:///a.html"),
  gone: await look(["No tab with id: 1."], LOOK.url),
};
process.stdout.write(JSON.stringify(results));
