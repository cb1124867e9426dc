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

/** @typedef {{level: Settings["level"], local_changes: Settings["local_changes"], servers: Server[]}} Stored */

/** @returns {Promise<Stored>} */
async function readStored() {
  /** @type {{settings?: Partial<Stored>}} */
  const { settings } = await chrome.storage.local.get("settings");
  return { level: "device", local_changes: "ask", servers: [], ...settings };
}

/** What an administrator fixed; without a policy there is nothing. @returns {Promise<any>} */
const readManaged = () => chrome.storage.managed.get(null).catch(() => ({}));

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
    managed: fixed.filter((name) => Object.hasOwn(managed, name)),
  };
}

/** One change at a time: each reads what the one before wrote. @type {Promise<any>} */
let last = Promise.resolve();

/** @param {(stored: Stored) => Stored | Promise<Stored>} update @returns {Promise<{settings: Settings}>} */
function change(update) {
  const changed = last.then(async () => {
    await chrome.storage.local.set({ settings: await update(await readStored()) });
    const settings = await readSettings();
    broadcast({ type: "panel.settings_changed", settings });
    if (await hasOffscreen()) await request({ type: "offscreen.settings_changed", settings });
    return { settings };
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

/** @param {SaveServer} body */
export const saveServer = ({ server_id, label, base_url, key }) =>
  change(async (stored) => {
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
    const keys = await readKeys();
    if (key !== null || moved) {
      const { [server_id]: _, ...others } = keys;
      await chrome.storage.local.set({ keys: key ? { ...others, [server_id]: key } : others });
    }
    const has_key = key === null ? Boolean(known?.has_key && !moved) : key !== "";
    const models = known && known.base_url === address ? known.models : [];
    const server = { server_id, label, base_url: address, has_key, models };
    return {
      ...stored,
      servers: known
        ? stored.servers.map((other) => (other === known ? server : other))
        : [...stored.servers, server],
    };
  });

/** @param {string} server_id */
export const removeServer = (server_id) =>
  change(async (stored) => {
    const { [server_id]: _, ...keys } = await readKeys();
    await chrome.storage.local.set({ keys });
    return { ...stored, servers: stored.servers.filter((one) => one.server_id !== server_id) };
  });

/** @param {string} server_id @param {ServerModel[]} models */
export const writeServerModels = (server_id, models) =>
  change((stored) => ({
    ...stored,
    servers: stored.servers.map((one) => (one.server_id === server_id ? { ...one, models } : one)),
  }));

/** @returns {Promise<Record<string, string>>} */
async function readKeys() {
  /** @type {{keys?: Record<string, string>}} */
  const { keys } = await chrome.storage.local.get("keys");
  return keys ?? {};
}

/** @param {string} server_id */
export async function readKey(server_id) {
  const keys = await readKeys();
  return { key: Object.hasOwn(keys, server_id) ? keys[server_id] : null };
}
