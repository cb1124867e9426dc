/** The one offscreen document: created on need, found again after this worker died. It closes itself when idle. */

const PATH = "offscreen/index.html";

/** @type {Promise<void> | null} */
let creating = null;

export async function hasOffscreen() {
  const contexts = await chrome.runtime.getContexts({
    contextTypes: [/** @type {chrome.runtime.ContextType} */ ("OFFSCREEN_DOCUMENT")],
  });
  return contexts.length > 0;
}

/** Resolves when the document is there and its script has run. */
export async function ensureOffscreen() {
  if (await hasOffscreen()) {
    // The document is listed before its script has run: whoever creates it here also waits for it.
    await creating;
    return;
  }
  creating ??= create().finally(() => {
    creating = null;
  });
  await creating;
}

async function create() {
  try {
    await chrome.offscreen.createDocument({
      url: PATH,
      // No reason exists for WebGPU; workers are what it needs the document for.
      reasons: [/** @type {chrome.offscreen.Reason} */ ("WORKERS")],
      justification:
        "Runs the language model, Python and storage in workers that outlive the service worker.",
    });
  } catch (error) {
    // Another life of this worker can be creating it at this moment: that is success.
    if (!String(error).includes("single offscreen document")) throw error;
  }
}
