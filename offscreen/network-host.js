/**
 * Who may send what where: holds each request against the settings as they are, keeps the ledger, and starts the
 * network worker on first need. At level "device" there is no such worker.
 * @import { HttpHead, HttpSend, LedgerEntry, Server, Settings } from "../shared/contract.js"
 */
import { problem } from "../shared/errors.js";

/** @typedef {{onChunk: (text: string) => void, onEnd: (error: import("../shared/contract.js").ErrorData | null) => void}} Listener */
/** @typedef {{entry: LedgerEntry, listener: Listener, head: {resolve: (head: HttpHead) => void, reject: (error: any) => void} | null, keep: Promise<void>, sent: boolean}} Open */

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
   *   readKey: (server_id: string, origin: string) => Promise<string | null>,
   *   on_ledger: () => void,
   * }} parts
   */
  constructor(parts) {
    this.parts = parts;
    /** @type {Worker | undefined} */
    this.worker = undefined;
    /** @type {Map<string, Open>} */
    this.open = new Map();
    /** @type {Settings | undefined} until they are known nothing is sent */
    this.settings = undefined;
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
    worker.postMessage({ op: "allow", origins: this.origins });
    return worker;
  }

  get origins() {
    return this.settings ? allowedOrigins(this.settings) : [];
  }

  /** What is no longer allowed is cut off. @param {Settings} settings */
  settingsChanged(settings) {
    this.settings = settings;
    this.worker?.postMessage({ op: "allow", origins: this.origins });
    if (this.origins.length || !this.worker || this.open.size) return;
    this.worker.terminate();
    this.worker = undefined;
  }

  /**
   * Whether a request may go to this server now (decision 41): below its address, or, when this document itself asks what the server
   * offers, anywhere on its origin.
   * @param {string} href @param {Server} server @param {boolean} ours
   */
  mayReach(href, { server_id, base_url }, ours) {
    const now = this.settings?.servers.find((one) => one.server_id === server_id);
    const { origin } = new URL(href);
    const below = ours ? origin === new URL(base_url).origin : href.startsWith(`${base_url}/`);
    return now?.base_url === base_url && below && this.origins.includes(origin);
  }

  /** Resolves with the head. @param {HttpSend} call @param {Server} server @param {string} asked_by @param {Listener} listener @returns {Promise<HttpHead>} */
  send(call, server, asked_by, listener) {
    if (this.open.has(call.request_id)) {
      throw problem("duplicate_request", "This request is already under way.", "Ask again.");
    }
    // As fetch will read it: what only looks like the server's address is another one.
    const { href, host, origin } = new URL(call.url);
    /** @type {LedgerEntry} */
    const entry = {
      entry_id: crypto.randomUUID(),
      at_ms: Date.now(),
      host,
      purpose: call.purpose,
      asked_by,
      bytes_out: 0,
      bytes_in: 0,
      status: "open",
      detail: "",
    };
    return new Promise((resolve, reject) => {
      // Known from here on: a Stop or a changed level finds it, whatever is still awaited below.
      /** @type {Open} */
      const request = {
        entry,
        listener,
        head: { resolve, reject },
        // Written before it is sent: a crash must not lose the trace.
        keep: this.keep(entry),
        sent: false,
      };
      this.open.set(call.request_id, request);
      this.post(call, href, origin, server, request).catch((error) =>
        this.end(call.request_id, "broken", String(error)),
      );
    });
  }

  /** @param {HttpSend} call @param {string} href @param {string} origin @param {Server} server @param {Open} request */
  async post(call, href, origin, server, request) {
    const { request_id: id, method, headers, body, timeout_s, key_name } = call;
    await request.keep;
    // A key goes to its own server alone, whatever name was asked for.
    const with_key = server.has_key && key_name === server.server_id;
    const key = with_key ? await this.parts.readKey(server.server_id, origin) : null;
    if (this.open.get(id) !== request) return;
    if (!this.mayReach(href, server, request.entry.asked_by === "you"))
      return this.end(id, "refused", "");
    request.sent = true;
    request.entry.bytes_out = bytesOf(href + JSON.stringify(headers) + (body ?? ""));
    const { kind } = server;
    const what = { id, method, url: href, headers, body, key, kind, timeout_s };
    this.start().postMessage({ op: "send", ...what });
  }

  /** @param {string} request_id */
  cancel(request_id) {
    if (this.open.get(request_id)?.sent === false) this.end(request_id, "cancelled", "");
    else this.worker?.postMessage({ op: "cancel", id: request_id });
  }

  cancelAll() {
    for (const id of [...this.open.keys()]) this.cancel(id);
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
