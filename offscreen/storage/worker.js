/** The only writer of conversations. Dedicated worker: {id, op, args} in, {id, result | error} out. */
import "../../shared/no-network.js";
import * as records from "./records.js";
import * as store from "./store.js";

/** @type {Record<string, (...args: any[]) => Promise<any>>} */
const operations = { ...store, ...records };

self.onmessage = async ({ data: { id, op, args } }) => {
  try {
    self.postMessage({ id, result: await operations[op](...args) });
  } catch (error) {
    const { name, message } = /** @type {Error} */ (error);
    self.postMessage({ id, error: { name, message } });
  }
};
