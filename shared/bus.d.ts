/**
 * The only door to runtime messaging. Frames on the wire: {v, id?, body}; replies: {v, reply_to, ok, result | error}.
 * Types come from the generated contract.
 */

import type { Browser } from "webextension-polyfill";
import type { ErrorData, Notifications, Requests } from "./contract.js";

export const browser: Browser & typeof chrome;

/** An error reply as an exception; `data` is what crossed. */
export class BusError extends Error {
  constructor(data: ErrorData);
  data: ErrorData;
}

type Handlers<Prefix extends string> = {
  [K in keyof Requests as K extends `${Prefix}.${string}` ? K : never]?: (
    body: Requests[K]["request"],
    sender: chrome.runtime.MessageSender,
  ) => Promise<Requests[K]["result"]> | Requests[K]["result"];
};

/** One request by runtime.sendMessage (to the background worker). Throws BusError. */
export function request<K extends keyof Requests>(
  body: Requests[K]["request"] & { type: K },
): Promise<Requests[K]["result"]>;

/** Serve one-shot requests of one owner; validates sender and message first; never claims others' types. */
export function serve<P extends string>(owner: P, handlers: Handlers<P>): void;

/** Tell all extension pages (one-shot notification); nobody listening is fine. */
export function broadcast(body: Notifications[keyof Notifications]): void;
/** Listen to one-shot notifications of one type. Returns an unsubscribe function. */
export function onBroadcast<K extends keyof Notifications>(
  type: K,
  listener: (body: Notifications[K]) => void,
): () => void;

/** A long-lived channel (runtime port) between two extension pages. */
export interface Channel {
  request<K extends keyof Requests>(
    body: Requests[K]["request"] & { type: K },
    options?: { timeout_s?: number },
  ): Promise<Requests[K]["result"]>;
  notify(body: Notifications[keyof Notifications]): void;
  onNotify(listener: (body: Notifications[keyof Notifications]) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

export function connect(name: string): Channel;
/** Accept ports of that name from our own extension pages; requests go to the handlers. */
export function accept<P extends string>(
  name: string,
  handlers: Handlers<P>,
  onChannel: (channel: Channel) => void,
): void;
