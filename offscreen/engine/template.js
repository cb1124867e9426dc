/**
 * Rewrites a model's chat template so that WebLLM's prefix reuse feeds the same tokens as a fresh
 * prompt, and so that message text is not pasted with `String.replace`.
 *
 * WebLLM keeps the KV cache of the last turn and feeds only the new message. The end mark of the
 * previous answer (`<|im_end|>\n`) is then never fed: the model sampled it, but a sampled token is
 * not fed before the next step, and the separator is only written after finished messages. Moving
 * the mark to the front of the next role header puts it into what is fed in both cases.
 */

import { escapeReplacement } from "./escape.js";

/** @typedef {import("./types").ConvTemplate} ConvTemplate */
/** @typedef {"user" | "assistant" | "tool"} RoleName */

const PLACEHOLDERS = /** @type {const} */ ({
  user: "{user_message}",
  assistant: "{assistant_message}",
  tool: "{tool_message}",
});

/**
 * @param {ConvTemplate} template from mlc-chat-config.json
 * @returns {{template: ConvTemplate, exact_reuse: boolean}} `exact_reuse` false: the template has
 *   another shape, is returned unchanged, and the caller must reset the chat before each call
 */
export function chainedTemplate(template) {
  const unchanged = { template, exact_reuse: false };
  const [end, ...rest] = template.seps;
  if (end === undefined || rest.length > 0) return unchanged;
  if (!template.system_template.endsWith(end) || end === "") return unchanged;
  if (template.add_role_after_system_message === false) return unchanged;
  const templates = template.role_templates;
  /** @type {Record<string, string>} */
  const roles = {};
  for (const [role, header] of Object.entries(template.roles)) {
    const placeholder = PLACEHOLDERS[/** @type {RoleName} */ (role)];
    if (templates?.[role] !== undefined && templates[role] !== placeholder) return unchanged;
    roles[role] = end + header;
  }
  // Without role templates WebLLM inserts message text literally; with them it uses String.replace.
  const { role_templates: _, ...others } = template;
  return {
    template: {
      ...others,
      system_template: template.system_template.slice(0, -end.length),
      roles,
      seps: [""],
    },
    exact_reuse: true,
  };
}

/**
 * Messages as WebLLM's request wants them: control tokens broken up, `$` kept literal.
 * @param {readonly {role: string, content: string}[]} messages
 * @param {{neutralise: (text: string) => string, literal_messages: boolean}} options
 *   `literal_messages`: the template inserts message text without `String.replace`
 * @returns {any[]}
 */
export function requestMessages(messages, { neutralise, literal_messages }) {
  return messages.map(({ role, content }) => {
    const text = neutralise(content);
    const literal = literal_messages && role !== "system";
    const message = { role, content: literal ? text : escapeReplacement(text) };
    return role === "tool" ? { ...message, tool_call_id: "0" } : message;
  });
}
