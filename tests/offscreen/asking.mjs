/** What of the panel's `offscreen.run_turn` reaches Python: one JSON line with the `python.run_turn` of each question. */
globalThis.chrome = { runtime: { id: "node" } };
globalThis.self ??= globalThis;
const { Turns } = await import("../../offscreen/turns.js");

const block = (text) => ({
  kind: "selection",
  origin: "https://example.org",
  trust: "untrusted",
  title: "",
  url: "https://example.org/",
  text,
  total_chars: text.length,
  truncated: false,
});
const PERSONAS = [{ persona_id: "poet", label: "Poet", temperature: 1.2 }];
const QUESTIONS = {
  plain: {},
  message: { pinned: true },
  attachment: { context_refs: [{ kind: "selection", block: block("a"), pinned: true }] },
  unpinned: { context_refs: [{ kind: "selection", block: block("a"), pinned: false }] },
  persona: { options: { persona: "poet", max_tokens: 9 } },
};

const asked = {};
for (const [turn_id, changes] of Object.entries(QUESTIONS)) {
  await new Promise((resolve) => {
    const turns = new Turns({
      storage: {
        addTurn: async () => {},
        putMessage: async () => {},
        readTranscript: async () => [],
        readRate: async () => null,
      },
      engine: { state: { state: "ready" }, load: async () => {} },
      python: {
        state: { state: "ready" },
        ready: async () => {},
        async request(body) {
          asked[turn_id] = body;
          resolve();
        },
      },
      approvals: { denyWhere: async () => {} },
      choices: {
        settings: { level: "device", servers: [], personas: PERSONAS },
        find: (model_id) => ({ model_id, label: model_id }),
        serverOf: () => null,
        needsEngine: () => false,
      },
      push() {},
      pushState() {},
    });
    turns.run({
      turn_id,
      conversation_id: "c",
      parent_id: null,
      text: "Hi",
      context_refs: [],
      page: null,
      model_id: "m",
      options: {},
      ...changes,
    });
  });
}
process.stdout.write(JSON.stringify(asked));
