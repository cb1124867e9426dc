/**
 * Who may send what where: asks the settings before each request, keeps the ledger, and starts the network worker on
 * first need. At level "device" there is no such worker.
 * @import { HttpHead, HttpSend, LedgerEntry, Settings } from "../shared/contract.js"
 */
import { problem } from "../shared/errors.js";

/** @typedef {{onChunk: (text: string) => void, onEnd: (error: import("../shared/contract.js").ErrorData | null) => void}} Listener */
/** @typedef {{entry: LedgerEntry, listener: Listener, head: {resolve: (head: HttpHead) => void, reject: (error: any) => void} | null, keep: Promise<void>}} Open */

/** @type {Record<string, [string, (host: string) => string, string]>} reason: code, what happened, what to do */
const ERRORS = {
  refused: [
    "network_refused",
    (host) => `Your privacy level does not allow requests to ${host}.`,
    "Choose another model, or allow the server under Privacy.",
  ],
  unreachable: [
    "network_unreachable",
    (host) => `${host} did not answer.`,
    "Check that the server runs and that its address is right. Ollama lets extensions in when OLLAMA_ORIGINS contains chrome-extension://*.",
  ],
  timeout: ["network_timeout", (host) => `${host} was silent for too long.`, "Try again."],
  cancelled: [
    "network_cancelled",
    (host) => `The request to ${host} was cancelled.`,
    "Ask again if needed.",
  ],
  broken: ["network_broken", (host) => `${host} broke off in mid-answer.`, "Try again."],
};

/** @param {string} reason @param {string} host */
function failure(reason, host) {
  const [code, message, hint] = ERRORS[reason];
  return problem(code, message(host), hint, !["refused", "cancelled"].includes(reason));
}

/** @param {Settings} settings origins that may be reached at the present level */
export function allowedOrigins({ level, servers }) {
  if (level === "device") return [];
  return [...new Set(servers.map(({ base_url }) => new URL(base_url).origin))];
}

const bytesOf = (/** @type {string} */ text) => new TextEncoder().encode(text).length;

export class NetworkHost {
  /**
   * @param {{
   *   storage: import("./storage/client.js").Storage,
   *   readSettings: () => Promise<Settings>,
   *   readKey: (server_id: string) => Promise<string | null>,
   *   on_ledger: () => void,
   * }} parts
   */
  constructor(parts) {
    this.parts = parts;
    /** @type {Worker | undefined} */
    this.worker = undefined;
    /** @type {Map<string, Open>} */
    this.open = new Map();
  }

  start() {
    if (this.worker) return this.worker;
    const url = new URL("network/worker.js", import.meta.url);
    const worker = new Worker(url, { type: "module", name: "network" });
    worker.onmessage = ({ data }) => this.receive(data);
    worker.onerror = () => {
      this.worker = undefined;
      for (const id of [...this.open.keys()]) this.end(id, "broken", "the network worker stopped");
    };
    this.worker = worker;
    return worker;
  }

  /** What is no longer allowed is cut off. @param {Settings} settings */
  settingsChanged(settings) {
    const origins = allowedOrigins(settings);
    this.worker?.postMessage({ op: "allow", origins });
    if (origins.length || !this.worker || this.open.size) return;
    this.worker.terminate();
    this.worker = undefined;
  }

  /** Resolves with the head. @param {HttpSend} call @param {string} asked_by @param {Listener} listener @returns {Promise<HttpHead>} */
  async send(call, asked_by, listener) {
    if (this.open.has(call.request_id)) {
      throw problem("duplicate_request", "This request is already under way.", "Ask again.");
    }
    const url = new URL(call.url);
    const settings = await this.parts.readSettings();
    const origins = allowedOrigins(settings);
    const server = settings.servers.find(({ base_url }) => call.url.startsWith(`${base_url}/`));
    /** @type {LedgerEntry} */
    const entry = {
      entry_id: crypto.randomUUID(),
      at_ms: Date.now(),
      host: url.host,
      purpose: call.purpose,
      asked_by,
      bytes_out: 0,
      bytes_in: 0,
      status: "open",
      detail: "",
    };
    if (!server || !origins.includes(url.origin)) {
      const detail = `Not allowed at level “${settings.level}”.`;
      await this.keep({ ...entry, status: "refused", detail });
      throw failure("refused", url.host);
    }
    // A key goes to its own server alone, whatever name was asked for.
    const with_key = server.has_key && call.key_name === server.server_id;
    const key = with_key ? await this.parts.readKey(server.server_id) : null;
    entry.bytes_out = bytesOf(call.url + JSON.stringify(call.headers) + (call.body ?? ""));
    // Written before it is sent: a crash must not lose the trace.
    const keep = this.keep(entry);
    await keep;
    const { method, headers, body, timeout_s } = call;
    return new Promise((resolve, reject) => {
      this.open.set(call.request_id, { entry, listener, head: { resolve, reject }, keep });
      const worker = this.start();
      worker.postMessage({ op: "allow", origins });
      worker.postMessage({
        op: "send",
        id: call.request_id,
        method,
        url: call.url,
        headers,
        body,
        key,
        timeout_s,
      });
    });
  }

  /** @param {string} request_id */
  cancel(request_id) {
    this.worker?.postMessage({ op: "cancel", id: request_id });
  }

  cancelAll() {
    for (const id of this.open.keys()) this.cancel(id);
  }

  /** @param {any} message of the worker */
  receive({ op, id, ...data }) {
    const request = this.open.get(id);
    if (!request) return;
    if (op === "head") {
      request.head?.resolve({ status: data.status, headers: data.headers });
      request.head = null;
    } else if (op === "chunk") {
      request.entry.bytes_in += data.bytes;
      if (data.text) request.listener.onChunk(data.text);
    } else this.end(id, data.reason, data.message);
  }

  /** @param {string} id @param {string | null} reason @param {string} message */
  end(id, reason, message) {
    const request = this.open.get(id);
    if (!request) return;
    this.open.delete(id);
    const { entry, head, listener } = request;
    const broken = reason === "unreachable" && !head ? "broken" : reason;
    /** @type {LedgerEntry["status"]} */
    const status =
      broken === null ? "done" : broken === "refused" || broken === "cancelled" ? broken : "failed";
    const error = broken && failure(broken, entry.host);
    request.keep = request.keep.then(() =>
      this.keep({
        ...entry,
        status,
        detail: error ? `${error.message} ${message}`.slice(0, 500) : "",
      }),
    );
    if (head) head.reject(error ?? failure("broken", entry.host));
    else listener.onEnd(error ? error.data : null);
  }

  /** A full disk must not stop what was allowed. @param {LedgerEntry} entry */
  async keep(entry) {
    await this.parts.storage.putLedger(entry).catch(console.error);
    this.parts.on_ledger();
  }
}
