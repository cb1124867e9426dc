/** Parts of the fake bus: a storage area in memory, and a model. */

const area = (kept = {}) => ({
  kept,
  async get(keys) {
    const wanted = keys === null ? Object.keys(kept) : [keys].flat();
    return Object.fromEntries(
      wanted.filter((k) => k in kept).map((k) => [k, structuredClone(kept[k])]),
    );
  },
  async set(items) {
    Object.assign(kept, structuredClone(items));
  },
  async remove(key) {
    delete kept[key];
  },
});

export const MODEL = {
  model_id: "starter",
  label: "Starter",
  family: "starter",
  description:
    "Very small (5.8 million parameters). Quotes sentences of the page and calls tools; it does not understand a page. English only.",
  size_bytes: 11_534_336,
  context_window_tokens: 2048,
  embedded: true,
};

/** Kept over a reload, as the real one is. */
export const session = area(JSON.parse(sessionStorage.getItem("fake.session") ?? "{}"));
const set = session.set;
session.set = async (items) => {
  await set(items);
  sessionStorage.setItem("fake.session", JSON.stringify(session.kept));
};

/** What runs, then what waits, as in the state that each attach brings. */
export function activeTurns(turns) {
  const open = [...turns.values()].filter((turn) => !turn.finished);
  return open.map(({ turn_id, conversation_id, events }, place) => ({
    turn_id,
    conversation_id,
    place,
    last_seq: events.length - 1,
  }));
}

/** What the panel uses of the browser. */
export const makeBrowser = (fake) => ({
  storage: { session },
  windows: {
    getCurrent: async () => ({ id: fake.window_id }),
    getAll: async () => [{ id: 1 }, { id: 2 }],
  },
  permissions: {
    request(what) {
      fake.permission_calls.push({ what, gesture: navigator.userActivation.isActive });
      return Promise.resolve(fake.grant);
    },
  },
});
