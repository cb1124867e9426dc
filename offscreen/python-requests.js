/** What Python may ask of this document, and of which answer: what it says is as untrusted as the model's words. */
import { problem } from "../shared/errors.js";
import { describe, mayRunAtOnce } from "./effects.js";

/** @typedef {import("./turns.js").Turn} Turn */

/**
 * @param {{
 *   approvals: import("./approvals.js").Approvals,
 *   choices: import("./choices.js").Choices,
 *   execute: (call: any) => Promise<any>,
 *   network: import("./network-host.js").NetworkHost,
 *   builtin: import("./builtin.js").Builtin,
 *   turns: () => import("./turns.js").Turns,
 *   notify: (body: any) => void,
 * }} parts
 * @returns {Record<string, (body: any) => any>}
 */
export function pythonHandlers({ approvals, choices, execute, network, builtin, turns, notify }) {
  /** What Python wants for a tool must be of an answer under way, and the tool not switched off. @param {{turn_id: string, conversation_id: string, tool_name: string}} call */
  function mustBeOpen({ turn_id, conversation_id, tool_name }) {
    const turn = turns().known.get(turn_id);
    if (!turn || !turns().isOpen(turn_id) || turn.body.conversation_id !== conversation_id) {
      throw problem("turn_over", "The answer was stopped or has ended.", "Ask again if needed.");
    }
    if (choices.settings.disabled_tools.includes(tool_name)) {
      throw problem("tool_disabled", `The tool ${tool_name} is switched off.`, "Ask without it.");
    }
    return turn;
  }

  /** The model of the answer that is being written, if it is of this conversation. @param {{conversation_id: string}} call */
  function modelNow({ conversation_id }) {
    const turn = turns().queue[0];
    const mine =
      turn?.body.conversation_id === conversation_id && turns().isOpen(turn.body.turn_id);
    return mine ? choices.find(turn.body.model_id) : undefined;
  }

  /** Where what a tool of this turn reads will go; "" for a model on this device. @param {Turn} turn */
  function hostOfModel(turn) {
    const server = choices.serverOf(choices.find(turn.body.model_id));
    return server ? new URL(server.base_url).host : "";
  }

  /** Python sends to the server of the answer that is being written, and only then. @param {any} call */
  function ownServer(call) {
    const server = choices.serverOf(modelNow(call));
    if (server) return server;
    throw problem(
      "network_refused",
      "The request was not sent: the user chose no server for this answer.",
      "Choose a server's model, then ask again.",
    );
  }

  return {
    "offscreen.ask_approval": ({ approval, verdict }) => {
      const turn = mustBeOpen(approval);
      const host = hostOfModel(turn);
      const shown = describe(approval, host ? `the model at ${host}` : "the model on this device");
      const { context_refs } = turn.body;
      const at_once = verdict === "allow" && mayRunAtOnce(shown, choices.settings, context_refs);
      return approvals.ask(shown, { at_once, receiver: host });
    },
    "offscreen.execute_tool": (call) => {
      mustBeOpen(call);
      return execute(call);
    },
    "offscreen.http_send": (call) => {
      const { request_id } = call;
      return network.send(call, ownServer(call), "the assistant", {
        onChunk: (text) => notify({ type: "python.http_chunk", request_id, text }),
        onEnd: (error) => notify({ type: "python.http_end", request_id, error }),
      });
    },
    "offscreen.http_cancel": ({ request_id }) => {
      network.cancel(request_id);
      return { done: true };
    },
    "offscreen.builtin_generate": (call) => {
      if (modelNow(call)?.provider !== "builtin") {
        throw problem(
          "builtin_unavailable",
          "The browser's own model was not chosen for this answer.",
          "Choose it, then ask again.",
        );
      }
      const { request_id } = call;
      return builtin.generate(call, {
        onChunk: (text) => notify({ type: "python.builtin_chunk", request_id, text }),
        onEnd: (end) => notify({ type: "python.builtin_end", request_id, ...end }),
      });
    },
    "offscreen.builtin_cancel": ({ request_id }) => {
      builtin.cancel(request_id);
      return { done: true };
    },
  };
}
