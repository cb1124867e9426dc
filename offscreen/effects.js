/**
 * What a tool call will really do, in plain words, from its final arguments: the card shows this, not what Python or a
 * model says about it.
 * @import { Approval, Effect } from "../shared/contract.js"
 */

/** @typedef {Pick<Effect, "title" | "detail" | "reads" | "writes" | "sends" | "runs_code" | "target_origin"> & {undoable?: boolean, grantable?: boolean}} Described */

const NOTHING = { reads: false, writes: false, sends: false, runs_code: false };
// Characters that show nothing, or turn text around: the person must see what is meant.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u{E0000}-\u{E0FFF}]/gu;

/** @param {unknown} value */
const seen = (value) => String(value ?? "").replace(UNSEEN, "�");

/** @type {Record<string, (approval: Approval, receiver: string) => Described>} */
const TOOLS = {
  read_page: ({ page }, receiver) => ({
    ...NOTHING,
    reads: true,
    title: "Read this page",
    detail: `Reads the text of the page at ${seen(page?.origin)} and gives it to ${receiver}.`,
    target_origin: page?.origin ?? null,
    grantable: true,
  }),
  add_todo: ({ arguments: { text } }) => ({
    ...NOTHING,
    writes: true,
    title: "Add a to-do",
    detail: `Adds this item to your to-do list on this device: “${seen(text)}”`,
    target_origin: null,
    undoable: true,
  }),
  complete_todo: ({ arguments: { text } }) => ({
    ...NOTHING,
    writes: true,
    title: "Mark a to-do as done",
    detail: `Marks this item of your to-do list as done: “${seen(text)}”`,
    target_origin: null,
    undoable: true,
  }),
};

/**
 * The approval as it is shown and bound. Tools without an executor here keep Python's words: nothing can come of them.
 * @param {Approval} approval @param {string} receiver who gets what the tool reads, in words
 * @returns {Approval}
 */
export function describe(approval, receiver) {
  const tool = Object.hasOwn(TOOLS, approval.tool_name) ? TOOLS[approval.tool_name] : null;
  const described = tool?.(approval, receiver);
  const grantable = Boolean(described?.grantable && approval.effect.grantable && approval.page);
  const undoable = Boolean(described?.undoable);
  const effect = { ...approval.effect, ...described, grantable, undoable };
  return { ...approval, effect: { ...effect, title: effect.title.slice(0, 500) } };
}

/**
 * Whether a call that Python's policy allows needs no card here either: it can be undone and the user wants it so, or
 * it reads again the very document that they attached to this question.
 * @param {Approval} approval as described @param {import("../shared/contract.js").Settings} settings
 * @param {import("../shared/contract.js").ContextRef[]} attached
 */
export function mayRunAtOnce({ tool_name, effect, page }, { local_changes }, attached) {
  if (effect.undoable) return local_changes === "undo";
  return (
    tool_name === "read_page" &&
    Boolean(page?.document_id) &&
    attached.some((ref) => ref.page?.document_id === page?.document_id)
  );
}
