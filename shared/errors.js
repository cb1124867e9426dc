/** Errors are data on the wire and exceptions inside. @import { ErrorData } from "./contract.js" */

/** An error reply as an exception; `data` is what crossed. */
export class BusError extends Error {
  /** @param {ErrorData} data */
  constructor(data) {
    super(data.message);
    this.name = "BusError";
    this.data = data;
  }
}

/**
 * @param {string} code
 * @param {string} message what happened and why
 * @param {string} hint what to do
 * @param {boolean} [retryable]
 */
export function problem(code, message, hint, retryable = false) {
  return new BusError({ code, message, hint, retryable, retry_after_s: null });
}

/** The error of a reply as an exception, also when the other side sent something else. @param {any} data */
export function fromErrorData(data) {
  const { code, message, hint, retryable, retry_after_s } = data ?? {};
  const texts = [code, message, hint].every((text) => typeof text === "string");
  if (texts && /^[\w.:-]{1,80}$/.test(code)) {
    const wait_s = Number.isFinite(retry_after_s) ? retry_after_s : null;
    return new BusError({ code, message, hint, retryable: !!retryable, retry_after_s: wait_s });
  }
  return problem(
    "invalid_message",
    "A part of Sidelight failed and did not say why.",
    "Try again. If it happens again, reload the extension.",
    true,
  );
}

/** Any thrown thing as error data. @param {unknown} error @returns {ErrorData} */
export function toErrorData(error) {
  if (error instanceof BusError) return error.data;
  return {
    code: "internal",
    message: `Something went wrong inside Sidelight: ${error instanceof Error ? error.message : String(error)}`,
    hint: "Try again. If it happens again, reload the extension.",
    retryable: true,
    retry_after_s: null,
  };
}
