/**
 * The only door to runtime messaging, and the only importer of webextension-polyfill.
 * Frames: {v, id?, body}; replies: {v, reply_to, ok, result | error}. See bus.d.ts.
 */
import polyfill from "webextension-polyfill";
import { byType } from "./contract-check.js";
import { BusError, fromErrorData, problem, toErrorData } from "./errors.js";

export { BusError };

/** @type {any} */
export const browser = polyfill;
const V = 1;
const newId = () => crypto.randomUUID();

/** Only our own extension's pages and worker may talk: a content script carries a page's URL. */
function fromOurselves(/** @type {any} */ sender) {
  return (
    sender?.id === browser.runtime.id &&
    typeof sender.url === "string" &&
    sender.url.startsWith(browser.runtime.getURL(""))
  );
}

/** Answer one request frame: validate, do, reply; an exception becomes error data. */
async function answer(
  /** @type {any} */ frame,
  /** @type {any} */ handlers,
  /** @type {any} */ sender,
) {
  const reply_to = typeof frame.id === "string" ? frame.id : "unknown";
  try {
    const type = frame.body?.type;
    if (frame.v !== V || typeof type !== "string") {
      throw problem(
        "invalid_message",
        "The request was not understood: it has no type, or is of another version.",
        "Reload the extension, then try again.",
      );
    }
    const handler = Object.hasOwn(handlers, type) ? handlers[type] : undefined;
    const valid = /** @type {any} */ (byType)[type];
    if (!handler || !valid) {
      throw problem(
        "unknown_request",
        `No such request: ${type.slice(0, 80)}.`,
        "Reload the extension.",
      );
    }
    if (!valid(frame.body)) {
      const where = valid.errors?.[0];
      throw problem(
        "invalid_message",
        `The request ${type} was not understood: ${where?.instancePath || "message"} ${where?.message ?? ""}.`,
        "Reload the extension, then try again.",
      );
    }
    return { v: V, reply_to, ok: true, result: await handler(frame.body, sender) };
  } catch (error) {
    return { v: V, reply_to, ok: false, error: toErrorData(error) };
  }
}

/** @param {any} reply */
function unpack(reply) {
  if (reply?.ok === true) return reply.result;
  if (reply?.error) throw fromErrorData(reply.error);
  throw problem(
    "no_answer",
    "The extension's background part did not answer.",
    "Try again; if it stays so, reload the extension.",
    true,
  );
}

/** @param {any} body */
export async function request(body) {
  const frame = { v: V, id: newId(), body };
  try {
    return unpack(await browser.runtime.sendMessage(frame));
  } catch (error) {
    if (error instanceof BusError) throw error;
    // A service worker killed while answering rejects the pending message; a second try wakes it.
    return unpack(await browser.runtime.sendMessage(frame));
  }
}

/** @param {string} owner @param {any} handlers */
export function serve(owner, handlers) {
  // Not async: an async listener would claim every message, others' too.
  browser.runtime.onMessage.addListener((/** @type {any} */ frame, /** @type {any} */ sender) => {
    const type = frame?.body?.type;
    if (frame?.v !== V || typeof type !== "string" || !type.startsWith(`${owner}.`)) return;
    if (typeof frame.id !== "string" || !fromOurselves(sender)) return;
    return answer(frame, handlers, sender);
  });
}

/** @param {any} body */
export function broadcast(body) {
  browser.runtime.sendMessage({ v: V, body }).catch(() => {}); // rejects when no page is open
}

/** @param {string} type @param {(body: any) => void} listener */
export function onBroadcast(type, listener) {
  const on = (/** @type {any} */ frame, /** @type {any} */ sender) => {
    if (frame?.v === V && !frame.id && frame.body?.type === type && fromOurselves(sender)) {
      listener(frame.body);
    }
  };
  browser.runtime.onMessage.addListener(on);
  return () => browser.runtime.onMessage.removeListener(on);
}

/** @param {any} port @param {any} handlers @param {any} sender */
function channel(port, handlers, sender) {
  /** @type {Map<string, {resolve: (value: any) => void, reject: (error: any) => void}>} */
  const waiting = new Map();
  /** @type {Array<(body: any) => void>} */
  const listeners = [];
  /** @type {Array<() => void>} */
  const closers = [];
  let open = true;
  const closed = () => {
    if (!open) return;
    open = false;
    const lost = problem(
      "disconnected",
      "The connection to the assistant was lost.",
      "Try again.",
      true,
    );
    for (const { reject } of waiting.values()) reject(lost);
    waiting.clear();
    for (const close of closers) close();
  };
  const post = (/** @type {any} */ frame) => {
    if (!open)
      throw problem(
        "disconnected",
        "The connection to the assistant was lost.",
        "Try again.",
        true,
      );
    port.postMessage(frame);
  };
  port.onDisconnect.addListener(closed);
  port.onMessage.addListener((/** @type {any} */ frame) => {
    if (frame?.v === V && typeof frame.reply_to === "string") {
      const pending = waiting.get(frame.reply_to);
      waiting.delete(frame.reply_to);
      if (frame.ok === true) pending?.resolve(frame.result);
      else pending?.reject(fromErrorData(frame.error));
    } else if (typeof frame?.id === "string" && typeof frame.reply_to !== "string") {
      answer(frame, handlers, sender).then((reply) => {
        try {
          if (open) port.postMessage(reply);
        } catch (error) {
          // Too large for one message, for example; whoever asked must not wait for ever.
          port.postMessage({ v: V, reply_to: frame.id, ok: false, error: toErrorData(error) });
        }
      });
    } else if (frame?.v === V && frame.id == null && typeof frame.body?.type === "string") {
      for (const listener of listeners) listener(frame.body);
    } else console.warn("a malformed message was dropped");
  });
  return {
    request(/** @type {any} */ body, { timeout_s = 30 } = {}) {
      const id = newId();
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(id);
          reject(problem("timeout", `No answer within ${timeout_s} s.`, "Try again.", true));
        }, timeout_s * 1000);
        const done = (/** @type {(value: any) => void} */ settle) => (/** @type {any} */ value) => {
          clearTimeout(timer);
          settle(value);
        };
        waiting.set(id, { resolve: done(resolve), reject: done(reject) });
        try {
          post({ v: V, id, body });
        } catch (error) {
          waiting.delete(id);
          done(reject)(error);
        }
      });
    },
    notify: (/** @type {any} */ body) => open && port.postMessage({ v: V, body }),
    onNotify: (/** @type {(body: any) => void} */ listener) => void listeners.push(listener),
    onClose: (/** @type {() => void} */ listener) => void closers.push(listener),
    close() {
      port.disconnect(); // onDisconnect fires on the other side only
      closed();
    },
  };
}

/** @param {string} name */
export function connect(name) {
  return channel(browser.runtime.connect({ name }), {}, null);
}

/** @param {string} name @param {any} handlers @param {(c: any) => void} onChannel */
export function accept(name, handlers, onChannel) {
  browser.runtime.onConnect.addListener((/** @type {any} */ port) => {
    if (port.name !== name) return;
    if (!fromOurselves(port.sender)) return port.disconnect();
    onChannel(channel(port, handlers, port.sender));
  });
}
