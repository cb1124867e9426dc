/** Slash commands: what the typed text asks for. No DOM here. @import { Ask } from "./types.js" */
import { S } from "./strings.js";

/** @typedef {{name: string, argument: string | null, help: string}} Command */

/** @type {Command[]} */
export const COMMANDS = [
  { name: "/page", argument: S.a_question, help: S.page_help },
  { name: "/read", argument: null, help: S.read_help },
  { name: "/todo", argument: S.a_text, help: S.todo_help },
  { name: "/new", argument: null, help: S.new_help },
];

/** Commands whose name starts with what is typed; none once the name is complete. @param {string} text */
export function matching(text) {
  if (!/^\/[a-z]*$/i.test(text)) return [];
  return COMMANDS.filter(({ name }) => name.startsWith(text.toLowerCase()));
}

/**
 * @param {string} text as typed @param {boolean} attached is the page attached by the chip
 * @returns {{ask: Ask} | {new_chat: true} | {problem: string} | null} null when there is nothing to send
 */
export function parse(text, attached) {
  const trimmed = text.trim();
  if (!trimmed) return null;
  // A leading space or a path such as /etc/hosts is text, not a command.
  const match = /^(\/[a-z]+)(?:\s+([\s\S]*))?$/i.exec(text.trimEnd());
  if (!match) return { ask: { text: trimmed, with_page: attached } };
  const name = (match[1] ?? "").toLowerCase();
  const rest = (match[2] ?? "").trim();
  const command = COMMANDS.find((known) => known.name === name);
  if (!command) return { problem: S.command_unknown(name) };
  if (command.argument && !rest) return { problem: S.command_needs(name, command.argument) };
  switch (name) {
    case "/new":
      return { new_chat: true };
    case "/read":
      return { ask: { text: rest || S.read_ask, with_page: false, tool_choice: "read_page" } };
    case "/todo":
      return { ask: { text: S.todo_ask(rest), with_page: false, tool_choice: "add_todo" } };
    default:
      return { ask: { text: rest, with_page: true } };
  }
}
