/** Nothing waits for ever: an answer within so many seconds, or an error that says what to do. */
import { problem } from "../shared/errors.js";
import { S } from "./strings.js";

export const ANSWER_LIMIT_S = 15;

/** @template T @param {Promise<T>} promise @param {number} limit_s @returns {Promise<T>} */
export function within(promise, limit_s = ANSWER_LIMIT_S) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((_resolve, reject) => {
    const error = problem("not_connected", S.not_connected, S.not_connected_hint, true);
    timer = setTimeout(() => reject(error), limit_s * 1000);
  });
  return /** @type {Promise<T>} */ (Promise.race([promise, late])).finally(() =>
    clearTimeout(timer),
  );
}
