/** What the panel is told is checked against the contract before anything uses it. */
import { onBroadcast } from "../shared/bus.js";
import { toPanel } from "../shared/contract-check.js";

/** @param {any} body @returns {body is import("../shared/contract.js").ToPanel} */
export function isNotice(body) {
  const type = typeof body?.type === "string" ? body.type : "";
  const valid = Object.hasOwn(toPanel, type) ? /** @type {any} */ (toPanel)[type] : null;
  if (valid?.(body)) return true;
  const where = valid?.errors?.[0]?.instancePath ?? "type";
  console.warn(`a message to the panel was dropped: ${valid ? type : "unknown"} ${where}`);
  return false;
}

/**
 * @template {keyof import("../shared/contract.js").Notifications} K
 * @param {K} type @param {(body: import("../shared/contract.js").Notifications[K]) => void} listener
 */
export function onNotice(type, listener) {
  return onBroadcast(type, (body) => isNotice(body) && listener(body));
}
