/**
 * The only place of the extension that can reach a server. It sends to the origins it was told, and cuts off what is
 * under way when an origin goes. {op: "allow" | "send" | "cancel"} in; {op: "head" | "chunk" | "end"} out.
 */

/** @typedef {{id: string, method: string, url: string, headers: Record<string, string>, body: string | null, key: string | null, kind: "openai" | "anthropic", timeout_s: number}} Send */

/** @type {Set<string>} */
let allowed = new Set();
/** @type {Map<string, {origin: string, abort: AbortController, reason: string}>} */
const under_way = new Map();
/** Headers that would give away more than the request, or speak for somebody else. */
const REFUSED_HEADERS = /^(cookie2?|host|origin|referer|authorization|x-api-key|proxy-.*|sec-.*)$/i;

/** What a server of this kind reads its key from. @param {Send["kind"]} kind @param {string} key @returns {Record<string, string>} */
const keyHeader = (kind, key) =>
  kind === "anthropic" ? { "x-api-key": key } : { authorization: `Bearer ${key}` };

/** @param {string} id @param {string} reason */
function cut(id, reason) {
  const request = under_way.get(id);
  if (!request) return;
  request.reason = reason;
  request.abort.abort();
}

/** @param {Send} send */
async function run({ id, method, url, headers, body, key, kind, timeout_s }) {
  const { origin } = new URL(url);
  const entry = { origin, abort: new AbortController(), reason: "" };
  const end = (/** @type {string | null} */ reason, message = "") => {
    clearTimeout(timer);
    under_way.delete(id);
    self.postMessage({ op: "end", id, reason, message });
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => cut(id, "timeout"), timeout_s * 1000);
  };
  if (!allowed.has(origin)) return end("refused");
  under_way.set(id, entry);
  wait();
  try {
    const kept = Object.entries(headers).filter(([name]) => !REFUSED_HEADERS.test(name));
    const response = await fetch(url, {
      method,
      body,
      headers: { ...Object.fromEntries(kept), ...(key ? keyHeader(kind, key) : {}) },
      signal: entry.abort.signal,
      // Neither the person's sign-ins nor where they were; and never on to a host that nobody named.
      credentials: "omit",
      referrerPolicy: "no-referrer",
      redirect: "error",
      cache: "no-store",
    });
    self.postMessage({
      op: "head",
      id,
      status: response.status,
      headers: Object.fromEntries(response.headers),
    });
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      wait();
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      const text = decoder.decode(value, { stream: !done });
      if (text || value) self.postMessage({ op: "chunk", id, text, bytes: value?.length ?? 0 });
      if (done) break;
    }
    end(null);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    end(entry.reason || "unreachable", message);
  }
}

self.onmessage = ({ data }) => {
  if (data.op === "send") run(data);
  else if (data.op === "cancel") cut(data.id, "cancelled");
  else if (data.op === "allow") {
    allowed = new Set(data.origins);
    for (const [id, { origin }] of under_way) if (!allowed.has(origin)) cut(id, "refused");
  }
};
