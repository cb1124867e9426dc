// The user's own personas in the settings, in Node over a storage of its own: prints one JSON object.
const stored = { settings: { level: "servers", servers: [] }, keys: {} }; // of an older version
const runtime = { id: "sidelight", getContexts: async () => [], sendMessage: async () => {} };
const local = {
  get: async (key) => structuredClone({ [key]: stored[key] }),
  set: async (changes) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    Object.assign(stored, structuredClone(changes));
  },
};
globalThis.browser = { runtime };
globalThis.chrome = { runtime, storage: { local, managed: { get: async () => ({}) } } };
const { readSettings, setLevel, setPersonas } = await import("../../background/settings.js");

const told = ({ level, personas }) => ({ level, personas: personas.map((one) => one.label) });
const before = told(await readSettings());
const own = [
  { persona_id: "p-1", label: "Terse", max_tokens: 60 },
  { persona_id: "p-2", label: "Kind" },
];
// At once: a change must not be written over by the one beside it.
const both = await Promise.all([setPersonas(own), setLevel("device")]);
const after = told(await readSettings());
const answered = both.map(({ settings }) => told(settings));
process.stdout.write(JSON.stringify({ before, answered, after, kept: stored.settings.personas }));
