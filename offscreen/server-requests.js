/** One small request of this document to a server: what it offers. @import { Server } from "../shared/contract.js" */

const TIMEOUT_S = 20;
const MAX_BYTES = 4_000_000;
/** What Anthropic's servers want of a browser. */
const ANTHROPIC = {
  "anthropic-version": "2023-06-01",
  "anthropic-dangerous-direct-browser-access": "true",
};

/** @param {string} text @returns {any} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * The status and the JSON value at an address of the server; the value is null when it is none.
 * @param {import("./network-host.js").NetworkHost} network @param {Server} server @param {string} url
 * @param {{purpose: string, body?: any}} options with a body it is a POST
 * @returns {Promise<{status: number, value: any}>} rejects when the server cannot be reached
 */
export async function ask(network, server, url, { purpose, body }) {
  let text = "";
  /** @type {(error: import("../shared/contract.js").ErrorData | null) => void} */
  let finish = () => {};
  const ended = new Promise((resolve) => {
    finish = resolve;
  });
  const request_id = crypto.randomUUID();
  const listener = {
    onChunk(/** @type {string} */ piece) {
      text += piece;
      if (text.length > MAX_BYTES) network.cancel(request_id);
    },
    onEnd: finish,
  };
  const head = await network.send(
    {
      type: "offscreen.http_send",
      request_id,
      conversation_id: "none",
      method: body ? "POST" : "GET",
      url,
      purpose,
      headers: {
        ...(body ? { "content-type": "application/json" } : {}),
        ...(server.kind === "anthropic" ? ANTHROPIC : {}),
      },
      body: body ? JSON.stringify(body) : null,
      key_name: server.has_key ? server.server_id : null,
      timeout_s: TIMEOUT_S,
    },
    server,
    "you",
    listener,
  );
  const error = await ended;
  return { status: head.status, value: error ? null : parsed(text) };
}
