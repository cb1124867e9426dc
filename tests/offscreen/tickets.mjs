// Scenarios of tickets and executors, run in Node: prints one JSON object, name -> error code or "done".
import { makeExecutor } from "../../offscreen/executors.js";
import { Tickets } from "../../offscreen/tickets.js";

const page = { tab_id: 1, document_id: "D1", origin: "https://a.example", title: "A" };
const base = {
  conversation_id: "c",
  turn_id: "t",
  tool_call_id: "call-1",
  tool_name: "add_todo",
  arguments: { text: "milk", more: { b: 1, a: [1, 2] } },
  page: null,
};
const reading = { ...base, tool_name: "read_page", arguments: {}, page };

const effects = [];
const storage = {
  addTodo: async (text) => ({ todos: [], undo: { op: "remove", number: effects.push(text) } }),
  listTodos: async () => [],
  completeTodo: async (text) => ({ todos: [], undo: { op: "reopen", number: effects.push(text) } }),
};
const tickets = new Tickets();
const request = async (body) => {
  effects.push(body.type);
  return { block: { text: "page" } };
};
const execute = makeExecutor(storage, tickets, request);

/** Mint for one call, execute another: what came of it, and how many effects there were. */
async function attempt(approved, called, ticket_id) {
  const before = effects.length;
  const minted = approved ? await tickets.mint(approved) : null;
  const outcome = await execute({ ...called, ticket_id: ticket_id ?? minted }).then(
    () => "done",
    (error) => error.data?.code ?? String(error),
  );
  return [outcome, effects.length - before];
}

const results = {
  same_call: await attempt(base, base),
  keys_in_another_order: await attempt(base, {
    ...base,
    arguments: { more: { a: [1, 2], b: 1 }, text: "milk" },
  }),
  same_page: await attempt(reading, reading),
  no_ticket: await attempt(null, base),
  made_up_ticket: await attempt(base, base, "11111111-1111-4111-8111-111111111111"),
  other_text: await attempt(base, { ...base, arguments: { ...base.arguments, text: "poison" } }),
  extra_argument: await attempt(base, { ...base, arguments: { ...base.arguments, x: 1 } }),
  other_call: await attempt(base, { ...base, tool_call_id: "call-2" }),
  other_turn: await attempt(base, { ...base, turn_id: "t2" }),
  other_tab: await attempt(reading, { ...reading, page: { ...page, tab_id: 2 } }),
  other_conversation: await attempt(base, { ...base, conversation_id: "d" }),
  other_tool: await attempt(base, { ...base, tool_name: "complete_todo" }),
  other_document: await attempt(reading, { ...reading, page: { ...page, document_id: "D2" } }),
  other_origin: await attempt(reading, {
    ...reading,
    page: { ...page, origin: "https://b.example" },
  }),
  no_page_after_all: await attempt(reading, { ...reading, page: null }),
  unknown_tool: await attempt(
    { ...base, tool_name: "format_disk" },
    { ...base, tool_name: "format_disk" },
  ),
  inherited_name: await attempt(
    { ...base, tool_name: "toString" },
    { ...base, tool_name: "toString" },
  ),
};

const used = await tickets.mint(base);
await execute({ ...base, ticket_id: used });
results.used_twice = await attempt(null, base, used);

const real_now = Date.now;
const old = await tickets.mint(base);
Date.now = () => real_now() + 61_000;
results.expired = await attempt(null, base, old);
Date.now = real_now;

console.log(JSON.stringify(results));
