/**
 * Prompts as WebLLM itself writes them: templates.mjs BUNDLE. Reads [{template, messages}] and
 * prints, for each, the prompt of the whole conversation through the extension's own template code.
 * BUNDLE is WebLLM's with its conversations exported, which the package keeps to itself.
 */

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { chainedTemplate, requestMessages } from "../../offscreen/engine/template.js";

const { Role, getConversation } = await import(pathToFileURL(process.argv[2]).href);
const told = JSON.parse(readFileSync(0, "utf8")).map(({ template, messages }) => {
  const { template: chained, exact_reuse } = chainedTemplate(template);
  const options = { neutralise: (text) => text, literal_messages: !chained.role_templates };
  const conversation = getConversation(chained);
  for (const { role, content } of requestMessages(messages, options))
    if (role === "system") conversation.override_system_message = content;
    else conversation.appendMessage(Role[role], content);
  conversation.appendReplyHeader(Role.assistant);
  return { prompt: conversation.getPromptArray().join(""), exact_reuse };
});
process.stdout.write(JSON.stringify(told));
