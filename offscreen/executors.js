/**
 * What tools really do. Each effect that needs an approval spends a ticket first, whatever Python decided.
 * @import { ExecuteTool, ToolOutput } from "../shared/contract.js"
 */
import { problem } from "../shared/errors.js";

const TODO_CHARS = 500;

/** @typedef {import("./storage/records.js").Undo} Undo */
/** @typedef {{output: ToolOutput, undo?: Undo}} Effected */

/** @param {ExecuteTool} call */
function todoText(call) {
  const text = typeof call.arguments.text === "string" ? call.arguments.text.trim() : "";
  if (!text || text.length > TODO_CHARS) {
    throw problem(
      "invalid_arguments",
      `A to-do needs a text of 1 to ${TODO_CHARS} characters.`,
      "Say the to-do again, shorter.",
    );
  }
  return text;
}

/**
 * @param {import("./storage/client.js").Storage} storage
 * @param {import("./tickets.js").Tickets} tickets
 * @param {typeof import("../shared/bus.js").request} request to the background worker
 * @param {(call: ExecuteTool, outcome: "done" | "failed", undo?: Undo | null) => void} [ran] told of what was approved
 * @returns {(call: ExecuteTool) => Promise<ToolOutput>}
 */
export function makeExecutor(storage, tickets, request, ran = () => {}) {
  /** @type {Record<string, {needs_ticket: boolean, run: (call: ExecuteTool) => Promise<Effected>}>} */
  const tools = {
    read_page: {
      needs_ticket: true,
      async run({ page }) {
        if (!page) {
          throw problem(
            "no_page",
            "There is no page that Sidelight may read.",
            "Open a page and click Sidelight's toolbar icon on it, then ask again.",
          );
        }
        const { block } = await request({ type: "background.read_page", page, mode: "page" });
        return { output: { block } };
      },
    },
    list_todos: {
      needs_ticket: false,
      run: async () => ({ output: { todos: await storage.listTodos() } }),
    },
    add_todo: {
      needs_ticket: true,
      async run(call) {
        const { todos, undo } = await storage.addTodo(todoText(call));
        return { output: { todos }, undo };
      },
    },
    complete_todo: {
      needs_ticket: true,
      async run(call) {
        const done = await storage.completeTodo(todoText(call));
        if (!done) {
          throw problem("not_found", "No open to-do has that text.", "List the to-dos first.");
        }
        return { output: { todos: done.todos }, undo: done.undo };
      },
    },
  };
  return async (call) => {
    const tool = Object.hasOwn(tools, call.tool_name) ? tools[call.tool_name] : undefined;
    if (!tool) {
      throw problem("unknown_tool", `There is no tool ${call.tool_name}.`, "Ask in other words.");
    }
    if (!tool.needs_ticket) return (await tool.run(call)).output;
    await tickets.spend(call.ticket_id, call);
    try {
      const { output, undo } = await tool.run(call);
      ran(call, "done", undo);
      return output;
    } catch (error) {
      ran(call, "failed");
      throw error;
    }
  };
}
