// The background worker: one-shot messages from anybody, and what scripts in pages hand back.
import { BusError } from "../../shared/errors.js";
import { spoiltFrame } from "./boundary_offscreen.mjs";
import { hostile, mutate, REQUESTS, sampleOf } from "./mutate.mjs";
import { isValid } from "./report.mjs";
import { effects, emitter, HOME, ID, installBrowser } from "./stubs.mjs";

const OWN = Object.keys(REQUESTS).filter((type) => type.startsWith("background."));
const TAB = { id: 1, windowId: 1, url: "https://a.example/", title: "A", active: true };
const LOOK = {
  url: "https://a.example/",
  origin: "https://a.example",
  host: "a.example",
  title: "A",
  content_type: "text/html",
  loading: false,
  has_text: true,
};
const EXTRACT = {
  ok: true,
  page: {
    text: "words",
    title: "A",
    lang: "en",
    url: "https://a.example/",
    origin: "https://a.example",
    total_chars: 5,
    truncated: false,
  },
};
const REFUSED = { ok: false, error: { code: "extraction_failed", message: "m", hint: "h" } };

/** What the two injected scripts hand back; pageResults spoils them. */
const page = { look: LOOK, extract: EXTRACT };

function installChrome() {
  const did = (name, result) => async () => {
    effects.push(name);
    return result;
  };
  const scripting = async ({ files, args }) => {
    effects.push("executeScript");
    if (files) return [];
    return [{ documentId: "D", frameId: 0, result: args ? page.extract : page.look }];
  };
  globalThis.chrome = {
    runtime: { onInstalled: emitter(), getContexts: did("getContexts", []) },
    action: { onClicked: emitter() },
    commands: { onCommand: emitter(), getAll: did("commands", []) },
    contextMenus: { onClicked: emitter() },
    sidePanel: { open: did("open"), setPanelBehavior: did("setPanelBehavior") },
    extension: { isAllowedFileSchemeAccess: did("files", false) },
    permissions: { onAdded: emitter(), onRemoved: emitter(), contains: did("contains", false) },
    windows: { onRemoved: emitter(), getAll: did("windows", []) },
    tabs: {
      onActivated: emitter(),
      onUpdated: emitter(),
      onRemoved: emitter(),
      query: did("query", [TAB]),
      get: did("get", TAB),
    },
    offscreen: { createDocument: did("createDocument") },
    scripting: { executeScript: scripting },
    storage: {
      onChanged: emitter(),
      session: { get: did("session.get", {}), set: did("session.set"), remove: did("remove") },
      local: { get: async () => ({}), set: did("local.set"), setAccessLevel() {} },
      managed: { get: async () => ({}) },
    },
  };
  globalThis.location = new URL(`${HOME}background/index.js`);
  const locks = { request: (_name, work) => work() };
  Object.defineProperty(globalThis, "navigator", { value: { locks }, configurable: true });
}

const STRANGERS = [
  { id: ID, url: "https://evil.example/", tab: TAB },
  { id: ID, url: `https://evil.example/${HOME}`, tab: TAB },
  { id: "another-extension", url: "chrome-extension://another-extension/x.html" },
  { id: "another-extension", url: `${HOME}sidepanel/index.html` },
  { id: ID, url: `chrome-extension://${ID}.evil/` },
  { id: ID, url: undefined, tab: TAB },
  { id: ID, url: 5 },
  { id: ID, url: [`${HOME}x`] },
  { id: ID },
  { url: `${HOME}x` },
  {},
  undefined,
  null,
];
const PANEL = { id: ID, url: `${HOME}sidepanel/index.html` };

/** Anybody -> background. */
export async function oneShots(report, random, count) {
  const runtime = installBrowser();
  installChrome();
  await import("../../background/index.js");
  const send = (frame, sender) => {
    const all = [...runtime.onMessage.listeners].map((listen) =>
      report.guard(() => listen(frame, sender)),
    );
    return all.filter((answer) => answer !== undefined);
  };
  const alive = async () => {
    const body = { type: "background.read_page", page: { tab_id: 1, origin: LOOK.origin } };
    const good = { v: 1, id: "good", body: { ...body, mode: "page" } };
    const reply = await report.settled(send(good, PANEL)[0], good);
    if (reply?.ok && isValid("PageText", reply.result)) report.counts.alive += 1;
    else report.fault("not_alive", reply);
  };
  report.counts.strangers = 0;
  for (let number = 0; number < count && !report.hopeless; number++) {
    const type = random.pick(OWN);
    const body = sampleOf(REQUESTS[type].request, random);
    if (body.page) Object.assign(body.page, { origin: LOOK.origin });
    const stranger = random.chance(0.4);
    // A stranger's message is often perfect: only its sender is wrong.
    const perfect = stranger && random.chance(0.5);
    const frame = perfect ? { v: 1, id: "x", body } : spoiltFrame(body, number, random);
    const sender = stranger ? random.pick(STRANGERS) : PANEL;
    report.counts.cases += 1;
    const from = effects.length;
    const answers = send(frame, sender);
    const named = String(typeof frame?.body?.type === "string" && frame.body.type);
    const mine = frame?.v === 1 && typeof frame.id === "string" && named.startsWith("background.");
    if (stranger || !mine) {
      report.counts.dropped += 1;
      report.counts.strangers += Number(stranger);
      if (answers.length || effects.length > from) report.fault("effect", { frame, sender });
      continue;
    }
    const known = Object.hasOwn(REQUESTS, named) && REQUESTS[named];
    const valid = Boolean(known && isValid(known.request, frame.body));
    report.counts.valid += Number(valid);
    if (answers.length !== 1) report.fault("bad_reply", { answers: answers.length, frame });
    const reply = await report.settled(answers[0], frame);
    report.reply(reply, frame.id, valid, frame);
    if (!valid && effects.length > from)
      report.fault("effect", { did: effects.slice(from), frame });
    if (number % 250 === 249) await alive();
    effects.length = 0;
  }
  await alive();
}

/** Page -> background: results of injected scripts. */
export async function pageResults(report, random, count) {
  installBrowser();
  installChrome();
  const { pageState, readPage } = await import("../../background/pages.js");
  const target = { tab_id: 1, document_id: "D", origin: LOOK.origin };
  const spoil = (value) => (random.chance(0.1) ? hostile(random) : mutate(value, random));
  const read = () =>
    readPage(target, "page").then(
      (result) => ({ result }),
      (error) => ({ error }),
    );
  for (let number = 0; number < count && !report.hopeless; number++) {
    const which = random.below(4);
    page.look = which === 0 || which === 3 ? spoil(LOOK) : LOOK;
    page.extract = which === 0 ? EXTRACT : spoil(random.chance(0.8) ? EXTRACT : REFUSED);
    const what = { look: page.look, extract: page.extract };
    report.counts.cases += 1;
    if (which === 3) {
      const state = await report.settled(pageState(1, random.pick([null, "D", "E"])), what);
      if (isValid("PageState", state)) report.counts.answered += 1;
      else report.fault("bad_reply", { state, what });
      if (state?.page && state.page.document_id !== "D") report.fault("effect", { state, what });
    } else {
      const { result, error } = await report.settled(read(), what);
      if (error instanceof BusError && isValid("ErrorData", error.data)) report.counts.refused += 1;
      else if (isValid("PageText", result)) report.counts.answered += 1;
      else report.fault("bad_reply", { result, error: error?.stack ?? error, what });
      // A page may not pass for another one, or its text for the user's own.
      const passed =
        result && (result.page.document_id !== "D" || result.block.trust !== "untrusted");
      if (passed) report.fault("effect", { result, what });
    }
    if (number % 250 === 249) await good();
  }
  await good();

  async function good() {
    Object.assign(page, { look: LOOK, extract: EXTRACT });
    const [state, { result }] = [await pageState(1, null), await read()];
    if (state.state === "readable" && isValid("PageText", result)) report.counts.alive += 1;
    else report.fault("not_alive", { state, result });
  }
}
