/** The storage worker as an object of promises; started at the first call. */

/** @typedef {typeof import("./store.js") & typeof import("./records.js")} Store */
/** @typedef {{[K in keyof Store as Store[K] extends (...args: any[]) => any ? K : never]: Store[K]}} Storage */

/** @param {string} url @returns {Storage} */
export function openStorage(url) {
  /** @type {Worker | undefined} */
  let worker;
  /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
  const waiting = new Map();
  let next = 0;
  const start = () => {
    const started = new Worker(url, { type: "module", name: "storage" });
    started.onmessage = ({ data: { id, result, error } }) => {
      const pending = waiting.get(id);
      waiting.delete(id);
      if (error) pending?.reject(Object.assign(new Error(error.message), { name: error.name }));
      else pending?.resolve(result);
    };
    started.onerror = (event) => {
      started.terminate();
      worker = undefined; // the next call starts another
      const error = new Error(event.message || "the storage worker stopped");
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    };
    return started;
  };
  const call = (/** @type {string} */ op, /** @type {any[]} */ args) =>
    new Promise((resolve, reject) => {
      next += 1;
      waiting.set(next, { resolve, reject });
      worker ??= start();
      worker.postMessage({ id: next, op, args });
    });
  return /** @type {any} */ (
    new Proxy(
      {},
      {
        // A thenable would be called by await.
        get: (_target, op) =>
          op === "then" ? undefined : (/** @type {any[]} */ ...args) => call(String(op), args),
      },
    )
  );
}
