/**
 * What the user chose about privacy. Owned here, kept in the browser's storage, told to everybody when it changes;
 * an administrator's policy lies over it. API keys are in a record of their own and go to the offscreen document alone.
 * @import { SaveServer, Server, ServerModel, Settings } from "../shared/contract.js"
 */
import { broadcast, request } from "../shared/bus.js";
import { problem } from "../shared/errors.js";
import { hasOffscreen } from "./offscreen-document.js";

const LEVELS = /** @type {const} */ (["device", "servers", "web"]);
const MAX_SERVERS = 20;
const TELL_LIMIT_MS = 3_000;

/** @typedef {{level: Settings["level"], local_changes: Settings["local_changes"], personas: NonNullable<Settings["personas"]>, servers: Server[], keys: Keys}} Stored */
/** A key goes to the origin that it was given for. @typedef {Record<string, {key: string, origin: string}>} Keys */

/** @returns {Promise<Omit<Stored, "keys">>} */
async function readStored() {
  /** @type {{settings?: Partial<Stored>}} */
  const { settings } = await chrome.storage.local.get("settings");
  return { level: "device", local_changes: "ask", servers: [], personas: [], ...settings };
}

/** What an administrator fixed; a policy that cannot be read lets nothing out. @returns {Promise<any>} */
const readManaged = () => chrome.storage.managed.get(null).catch(() => ({ max_level: "device" }));

/** @returns {Promise<Settings>} */
export async function readSettings() {
  const [stored, managed] = await Promise.all([readStored(), readManaged()]);
  const max_level = LEVELS.includes(managed.max_level) ? managed.max_level : "web";
  const hosts = Array.isArray(managed.allowed_hosts) ? managed.allowed_hosts : null;
  const fixed = ["max_level", "allowed_hosts", "disabled_tools", "local_changes"];
  return {
    level: LEVELS[Math.min(LEVELS.indexOf(stored.level), LEVELS.indexOf(max_level))],
    max_level,
    servers: stored.servers.filter(
      ({ base_url }) => hosts === null || hosts.includes(new URL(base_url).hostname),
    ),
    local_changes: managed.local_changes === "ask" ? "ask" : stored.local_changes,
    disabled_tools: Array.isArray(managed.disabled_tools) ? managed.disabled_tools.map(String) : [],
    personas: stored.personas,
    managed: fixed.filter((name) => Object.hasOwn(managed, name)),
  };
}

/** Panels redraw; the offscreen document cuts off what is no longer allowed. @param {Settings} settings */
async function tell(settings) {
  broadcast({ type: "panel.settings_changed", settings });
  if (!(await hasOffscreen())) return;
  // A document that is stuck must not keep the next change from being written.
  const told = request({ type: "offscreen.settings_changed", settings }).catch(console.warn);
  await Promise.race([told, new Promise((resolve) => setTimeout(resolve, TELL_LIMIT_MS))]);
}

export function registerSettings() {
  // Keys and settings: content scripts run in the pages' own processes and may read neither.
  chrome.storage.local.setAccessLevel({ accessLevel: "TRUSTED_CONTEXTS" });
  chrome.storage.onChanged.addListener(async (_changes, area) => {
    if (area === "managed") tell(await readSettings());
  });
}

/** One change at a time: each reads what the one before wrote. @type {Promise<any>} */
let last = Promise.resolve();

/** @param {(stored: Stored) => Stored | Promise<Stored>} update @returns {Promise<{settings: Settings}>} */
function change(update) {
  const changed = last.then(async () => {
    // Keys lie beside, and in one write: an address must never stand with another one's key.
    const { keys, ...settings } = await update({ ...(await readStored()), keys: await readKeys() });
    await chrome.storage.local.set({ settings, keys });
    const result = await readSettings();
    await tell(result);
    return { settings: result };
  });
  last = changed.catch(() => {});
  return changed;
}

/** @param {Settings["level"]} level */
export const setLevel = (level) =>
  change(async (stored) => {
    const { max_level } = await readSettings();
    if (LEVELS.indexOf(level) > LEVELS.indexOf(max_level)) {
      throw problem(
        "managed",
        "Your administrator does not allow this level.",
        "Ask them if you need it.",
      );
    }
    return { ...stored, level };
  });

/** @param {Settings["local_changes"]} local_changes */
export const setLocalChanges = (local_changes) =>
  change((stored) => ({ ...stored, local_changes }));

/** @param {NonNullable<Settings["personas"]>} personas */
export const setPersonas = (personas) => change((stored) => ({ ...stored, personas }));

/** @param {SaveServer} body */
export const saveServer = ({ server_id, kind = "openai", label, base_url, key }) =>
  change((stored) => {
    const url = new URL(base_url);
    if (url.username || url.password || url.search || url.hash) {
      throw problem(
        "invalid_address",
        "The server's address holds more than a host and a path.",
        "Leave out user names, ? and #. A key has its own field.",
      );
    }
    const known = stored.servers.find((server) => server.server_id === server_id);
    if (!known && stored.servers.length >= MAX_SERVERS) {
      throw problem(
        "too_many_servers",
        `There are ${MAX_SERVERS} servers already.`,
        "Remove one first.",
      );
    }
    const address = url.href.replace(/\/+$/, "");
    // A key was given to one address; it must not follow to another one.
    const moved = known && new URL(known.base_url).origin !== url.origin;
    const keys = { ...stored.keys };
    if (key !== null || moved) delete keys[server_id];
    if (key) keys[server_id] = { key, origin: url.origin };
    const has_key = key === null ? Boolean(known?.has_key && !moved) : key !== "";
    const same = known && known.base_url === address && (known.kind ?? "openai") === kind;
    const models = same ? known.models : [];
    const server = { server_id, kind, label, base_url: address, has_key, models };
    return {
      ...stored,
      keys,
      servers: known
        ? stored.servers.map((other) => (other === known ? server : other))
        : [...stored.servers, server],
    };
  });

/** @param {string} server_id */
export const removeServer = (server_id) =>
  change((stored) => {
    const { [server_id]: _, ...keys } = stored.keys;
    return {
      ...stored,
      keys,
      servers: stored.servers.filter((one) => one.server_id !== server_id),
    };
  });

/** @param {string} server_id @param {string} base_url @param {ServerModel[]} models */
export const writeServerModels = (server_id, base_url, models) =>
  change((stored) => ({
    ...stored,
    servers: stored.servers.map((one) =>
      one.server_id === server_id && one.base_url === base_url ? { ...one, models } : one,
    ),
  }));

/** @returns {Promise<Keys>} */
async function readKeys() {
  /** @type {{keys?: Keys}} */
  const { keys } = await chrome.storage.local.get("keys");
  return keys ?? {};
}

/** @param {string} server_id @param {string} origin */
export async function readKey(server_id, origin) {
  const keys = await readKeys();
  const stored = Object.hasOwn(keys, server_id) ? keys[server_id] : null;
  return { key: stored?.origin === origin ? stored.key : null };
}
