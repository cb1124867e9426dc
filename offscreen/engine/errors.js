/**
 * Errors of the engine as data: a stable code, what happened, what to do, and whether trying again
 * can help.
 */

/** @typedef {import("./types").EngineErrorCode} EngineErrorCode */
/** @typedef {{code: string, message: string, hint: string, retryable: boolean}} ErrorData */

/** @type {Record<EngineErrorCode, {message: string, hint: string, retryable: boolean}>} */
const TEXTS = {
  no_webgpu: {
    message: "This browser has no WebGPU, which the model runs on.",
    hint: "Use a current Chrome or Edge, and check that chrome://gpu lists WebGPU as enabled.",
    retryable: false,
  },
  no_adapter: {
    message: "The browser has WebGPU but offers no graphics adapter.",
    hint: "Turn on graphics acceleration in the browser's settings (System), update the graphics driver, then restart the browser.",
    retryable: true,
  },
  device_lost: {
    message: "The graphics device was lost, so the model is no longer loaded.",
    hint: "Ask again: the model is loaded anew. If it happens often, close other programs that use the graphics card.",
    retryable: true,
  },
  out_of_memory: {
    message: "The graphics device has too little free memory for this model.",
    hint: "Close other tabs and programs that use graphics memory, or choose a smaller model.",
    retryable: true,
  },
  missing_feature: {
    message: "This model needs a graphics feature that the device does not offer.",
    hint: "Choose another variant of the model.",
    retryable: false,
  },
  model_files_missing: {
    message: "A file of the model is missing or damaged.",
    hint: "Reload the extension. If it stays so, install the extension again.",
    retryable: true,
  },
  unknown_model: {
    message: "The engine does not know this model.",
    hint: "Choose a model from the list.",
    retryable: false,
  },
  load_failed: {
    message: "The model could not be loaded.",
    hint: "Try again. If it stays so, restart the browser.",
    retryable: true,
  },
  context_too_long: {
    message: "The text is longer than the model's context window.",
    hint: "Shorten your message, attach less of the page, or start a new chat.",
    retryable: false,
  },
  bad_grammar: {
    message: "The grammar for this answer could not be compiled.",
    hint: "Ask again without a tool or a fixed answer form.",
    retryable: false,
  },
  bad_request: {
    message: "The engine could not use this request.",
    hint: "Ask again in a new conversation.",
    retryable: false,
  },
  engine_failed: {
    message: "The engine stopped with an error, so the model is no longer loaded.",
    hint: "Ask again: the model is loaded anew.",
    retryable: true,
  },
};

/** An error with one of the engine's codes; `detail` is the technical cause. */
export class EngineError extends Error {
  /**
   * @param {EngineErrorCode} code
   * @param {string} [detail]
   */
  constructor(code, detail) {
    super(detail ? `${TEXTS[code].message} (${detail})` : TEXTS[code].message);
    this.name = "EngineError";
    this.code = code;
  }

  /** @returns {ErrorData} */
  toData() {
    const { hint, retryable } = TEXTS[this.code];
    return { code: this.code, message: this.message, hint, retryable };
  }
}

/** @param {unknown} cause */
const describe = (cause) =>
  (cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)).slice(0, 400);

/** Causes after which the WebLLM engine object cannot be used again. */
const FATAL =
  /disposed|already deleted|device.*lost|program terminated|unreachable|out of bounds|ExitStatus|RuntimeError|BindingError|AbortError|InternalError|Instance is lost/i;
const OUT_OF_MEMORY = /out of memory|OutOfMemory|allocation failed|not enough memory/i;

/**
 * The engine error for something thrown while loading.
 * @param {unknown} cause
 * @returns {EngineError}
 */
export function loadError(cause) {
  if (cause instanceof EngineError) return cause;
  const text = describe(cause);
  if (OUT_OF_MEMORY.test(text)) return new EngineError("out_of_memory", text);
  if (/DeviceLost|device.*lost/i.test(text)) return new EngineError("device_lost", text);
  if (/ShaderF16Support|FeatureSupport/.test(text)) return new EngineError("missing_feature", text);
  if (/WebGPUNotAvailable/.test(text)) return new EngineError("no_webgpu", text);
  if (/compatible GPU/i.test(text)) return new EngineError("no_adapter", text);
  if (/Failed to fetch|IntegrityError|integrity|NetworkError|Cannot fetch/i.test(text))
    return new EngineError("model_files_missing", text);
  return new EngineError("load_failed", text);
}

/**
 * The engine error for something thrown while generating, and whether the engine is unusable now.
 * @param {unknown} cause
 * @returns {{error: EngineError, fatal: boolean}}
 */
export function generateError(cause) {
  if (cause instanceof EngineError) {
    const fatal = ["device_lost", "out_of_memory", "engine_failed"].includes(cause.code);
    return { error: cause, fatal };
  }
  const text = describe(cause);
  /** @param {EngineErrorCode} code @param {boolean} fatal */
  const result = (code, fatal) => ({ error: new EngineError(code, text), fatal });
  if (/ContextWindowSizeExceeded/.test(text)) return result("context_too_long", false);
  if (/GrammarMatcherInit|Grammar matcher rejected/.test(text)) return result("bad_grammar", false);
  if (OUT_OF_MEMORY.test(text)) return result("out_of_memory", true);
  if (/device.*lost|mapAsync|Instance is lost/i.test(text)) return result("device_lost", true);
  if (FATAL.test(text)) return result("engine_failed", true);
  return result("bad_request", false);
}
