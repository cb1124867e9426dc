// Who may send what where, and what a key is sent in, in Node: prints one JSON object.
import { NetworkHost } from "../../offscreen/network-host.js";

const sent = [];
globalThis.self = globalThis;
const posted = [];
globalThis.postMessage = (message) => posted.push(message);
globalThis.fetch = async (url, options) => {
  sent.push({ url, headers: options.headers, redirect: options.redirect });
  return new Response("{}", { status: 200 });
};
await import("../../offscreen/network/worker.js");
const worker = globalThis.onmessage;

const tick = () => new Promise((resolve) => setTimeout(resolve, 5));
const results = {};

for (const kind of ["openai", "anthropic"]) {
  worker({ data: { op: "allow", origins: ["https://h.example"] } });
  const headers = {
    "content-type": "application/json",
    "X-Api-Key": "stolen",
    Authorization: "Bearer stolen",
    Cookie: "c=1",
    "anthropic-version": "1",
  };
  const what = { id: kind, method: "GET", url: "https://h.example/v1/x", body: null };
  worker({ data: { op: "send", ...what, headers, key: "k", kind, timeout_s: 5 } });
  worker({
    data: { op: "send", ...what, id: `${kind}-0`, headers, key: null, kind, timeout_s: 5 },
  });
  await tick();
}
results.worker = sent.map(({ headers }) => headers);

globalThis.Worker = class {
  postMessage(message) {
    if (message.op === "send") results.reached.push(message.url);
  }
  terminate() {}
};
results.reached = [];
const server = { server_id: "s", kind: "openai", base_url: "https://h.example/v1", has_key: false };
const host = new NetworkHost({
  storage: { putLedger: async () => {} },
  readKey: async () => null,
  on_ledger: () => {},
});
host.settingsChanged({ level: "servers", servers: [server] });
const tries = [
  ["python_below", "https://h.example/v1/chat/completions", "the assistant"],
  ["python_beside", "https://h.example/api/show", "the assistant"],
  ["python_tricky", "https://h.example/v1/../api/show", "the assistant"],
  ["python_elsewhere", "https://h.example.evil.example/v1/x", "the assistant"],
  ["ours_below", "https://h.example/v1/models", "you"],
  ["ours_beside", "https://h.example/api/show", "you"],
  ["ours_other_port", "https://h.example:8443/api/show", "you"],
  ["ours_elsewhere", "https://evil.example/api/show", "you"],
];
for (const [name, url, asked_by] of tries) {
  results.reached = [];
  const call = { request_id: name, method: "GET", url, headers: {}, body: null, key_name: null };
  const listener = { onChunk() {}, onEnd() {} };
  const outcome = host.send({ ...call, purpose: "p", timeout_s: 5 }, server, asked_by, listener);
  outcome.catch((error) => {
    results[name] = error.data.code;
  });
  await tick();
  results[name] ??= results.reached.length ? "sent" : "nothing";
}
delete results.reached;
process.stdout.write(JSON.stringify(results));
