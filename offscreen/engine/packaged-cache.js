/**
 * A `caches` for the engine worker in which the packaged model files are always present.
 *
 * WebLLM reads weights only through a cache back end, and the Cache API refuses chrome-extension:
 * URLs. Its other back ends would copy the files the package already holds. Here a packaged file is
 * read from the package when its body is asked for, and checked against the manifest's SHA-256;
 * every other URL goes to the browser's own Cache API.
 */

import { EngineError } from "./errors.js";

/** @typedef {{bytes: number, sha256: string}} PackagedFile */
/**
 * Hears of each packaged file that was read, or why it could not be: inside a response the cause
 * would reach WebLLM as a bare "Failed to fetch".
 * @typedef {{onRead: (bytes: number) => void, onError: (error: unknown) => void}} ReadListener
 */

/** @param {ArrayBuffer} data */
async function sha256(data) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The verified bytes of one packaged file.
 * @param {string} url
 * @param {PackagedFile} file
 * @returns {Promise<ArrayBuffer>} throws EngineError `model_files_missing`
 */
export async function readPackaged(url, file) {
  const name = new URL(url).pathname;
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) throw new EngineError("model_files_missing", `${name} is not in the package`);
  const data = await response.arrayBuffer();
  if (data.byteLength !== file.bytes || (await sha256(data)) !== file.sha256)
    throw new EngineError("model_files_missing", `${name} differs from the manifest`);
  return data;
}

/**
 * A response that reads its file on first use: WebLLM asks for each entry once only to see that it
 * exists, and drops that response unread.
 * @param {string} url
 * @param {PackagedFile} file
 * @param {ReadListener} listener
 */
function lazyResponse(url, file, listener) {
  const body = new ReadableStream(
    {
      async pull(controller) {
        const data = await readPackaged(url, file).catch((error) => {
          listener.onError(error);
          throw error;
        });
        controller.enqueue(new Uint8Array(data));
        controller.close();
        listener.onRead(file.bytes);
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body);
}

/** @param {RequestInfo | URL} request */
const urlOf = (request) => (request instanceof Request ? request.url : String(request));

/** One named cache: packaged files first, then the browser's cache of the same name. */
class LayeredCache {
  /**
   * @param {Cache} stored
   * @param {Map<string, PackagedFile>} files
   * @param {ReadListener} listener
   */
  constructor(stored, files, listener) {
    this.stored = stored;
    this.files = files;
    this.listener = listener;
  }

  /** @param {RequestInfo | URL} request */
  async match(request) {
    const url = urlOf(request);
    const file = this.files.get(url);
    return file ? lazyResponse(url, file, this.listener) : this.stored.match(request);
  }

  /** @param {RequestInfo | URL} request */
  async add(request) {
    const url = urlOf(request);
    if (!url.startsWith("http")) throw new EngineError("model_files_missing", url);
    return this.stored.add(request);
  }

  /** @param {RequestInfo | URL} request @param {Response} response */
  put(request, response) {
    return this.stored.put(request, response);
  }

  async keys() {
    const packaged = Array.from(this.files.keys(), (url) => new Request(url));
    return [...packaged, ...(await this.stored.keys())];
  }

  /** @param {RequestInfo | URL} request */
  async delete(request) {
    return this.files.has(urlOf(request)) ? false : this.stored.delete(request);
  }
}

/**
 * Puts the layered `caches` in place of the worker's own.
 * @param {Map<string, PackagedFile>} files by absolute URL; may grow later
 * @param {ReadListener} listener
 * @param {CacheStorage} [storage]
 */
export function installPackagedCache(files, listener, storage = globalThis.caches) {
  const layered = {
    /** @param {string} name */
    open: async (name) => new LayeredCache(await storage.open(name), files, listener),
    /** @param {string} name */
    has: (name) => storage.has(name),
    /** @param {string} name */
    delete: (name) => storage.delete(name),
    keys: () => storage.keys(),
  };
  Object.defineProperty(globalThis, "caches", { value: layered, configurable: true });
  return layered;
}
