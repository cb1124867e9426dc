/**
 * The user's choices about privacy, from the elements' side: level, servers, local changes. The background worker
 * owns them; each change gives the settings as they are then.
 * @import { Server, Settings } from "../shared/contract.js"
 */
import { browser, request } from "../shared/bus.js";
import { problem, toErrorData } from "../shared/errors.js";
import { client } from "./actions.js";
import { onNotice } from "./incoming.js";
import { hostOf, hostsOf, isBelow, patternOf } from "./servers.js";
import { store } from "./store.js";
import { S } from "./strings.js";
import { within } from "./within.js";

/** A server on this machine may have to wake a model before it tells what it has. */
const CONNECT_LIMIT_S = 60;

/** @param {any} body a request whose answer is the settings @returns {Promise<void>} */
async function write(body) {
  const { settings } = /** @type {{settings: Settings}} */ (await within(request(body)));
  store.set({ settings, settings_error: null });
}

export async function readSettings() {
  try {
    await write({ type: "background.read_settings" });
  } catch (error) {
    store.set({ settings_error: toErrorData(error) });
  }
}

export function watchSettings() {
  onNotice("panel.settings_changed", ({ settings }) =>
    store.set({ settings, settings_error: null }),
  );
  return readSettings();
}

/**
 * Ask the browser for access. Must be reached from the click without an await: after one there is no gesture.
 * @param {string[]} base_urls @returns {Promise<void>} rejects when it was not given
 */
async function askAccess(base_urls) {
  const origins = [...new Set(base_urls.map(patternOf))];
  if (!origins.length) return;
  if (await browser.permissions.request({ origins })) return;
  const hosts = [...new Set(base_urls.map(hostOf))].join(", ");
  throw problem("permission_refused", S.server_refused(hosts), S.server_refused_hint, true);
}

/** @param {Settings["level"]} level */
export async function setLevel(level) {
  const now = store.settings;
  const servers = now && isBelow(now.level, "servers") && level !== "device" ? now.servers : [];
  if (servers.length) await askAccess(servers.map(({ base_url }) => base_url));
  await write({ type: "background.set_level", level });
}

/** @param {Settings["local_changes"]} local_changes */
export const setLocalChanges = (local_changes) =>
  write({ type: "background.set_local_changes", local_changes });

/** Ask a server for its models. @param {string} server_id */
export async function readModels(server_id) {
  const { settings } = await client.request(
    { type: "offscreen.connect_server", server_id },
    CONNECT_LIMIT_S,
  );
  store.set({ settings });
}

/** @param {string} server_id */
export const removeServer = (server_id) => write({ type: "background.remove_server", server_id });

/**
 * Save a server, let chats go to it when `raise`, and read its models.
 * @param {{server_id: string, label: string, base_url: string, key: string | null}} server
 * @param {boolean} raise named on the button that was pressed
 * @param {{granted: () => void, saved: () => void}} told called once the browser gave access, and once the server is stored
 */
export async function saveServer(server, raise, told) {
  await askAccess([server.base_url]);
  told.granted();
  await write({ type: "background.save_server", ...server });
  told.saved();
  if (raise && store.settings && isBelow(store.settings.level, "servers")) {
    await write({ type: "background.set_level", level: "servers" });
  }
  if (store.settings?.level !== "device") await readModels(server.server_id);
}

/** The hosts that chats may go to at the levels above Device. */
export const serverHosts = () => hostsOf(store.settings?.servers ?? []);

/** May the user change this setting? @param {keyof Settings} name */
export const isFixed = (name) => store.settings?.managed.includes(name) ?? false;
