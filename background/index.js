/**
 * The service worker's entry. Every listener is registered here in the first run of the script:
 * Chrome wakes a dead worker for an event only if its listener was registered synchronously.
 */
import "../shared/no-network.js";
import { serve } from "../shared/bus.js";
import { problem } from "../shared/errors.js";
import { takeHandoff } from "./handoffs.js";
import { registerMenus } from "./menus.js";
import { ensureOffscreen } from "./offscreen-document.js";
import { registerPageWatch } from "./page-watch.js";
import { pageState, readPage } from "./pages.js";
import { registerPanelOpener } from "./panel-opener.js";
import {
  readKey,
  readSettings,
  registerSettings,
  removeServer,
  saveServer,
  setLevel,
  setLocalChanges,
  setPersonas,
  writeServerModels,
} from "./settings.js";

/** Some requests are one page's alone. @param {chrome.runtime.MessageSender} sender @param {string} path */
function only(sender, path) {
  if (new URL(sender.url ?? "").pathname === path) return;
  throw problem("not_for_you", "This page may not ask for that.", "Reload the extension.");
}
const ENGINE_ROOM = "/offscreen/index.html";
const PANEL = "/sidepanel/index.html";

registerSettings();
registerPanelOpener();
registerMenus();
registerPageWatch();
serve("background", {
  async "background.ensure_offscreen"() {
    await ensureOffscreen();
    return { done: true };
  },
  "background.page_state": ({ window_id, read_document_id }) =>
    pageState(window_id, read_document_id ?? null),
  "background.read_page": ({ page, mode }) => readPage(page, mode),
  "background.take_handoff": async ({ window_id }) => ({ handoff: await takeHandoff(window_id) }),
  "background.read_settings": async () => ({ settings: await readSettings() }),
  "background.set_level"({ level }, sender) {
    only(sender, PANEL);
    return setLevel(level);
  },
  "background.set_local_changes"({ local_changes }, sender) {
    only(sender, PANEL);
    return setLocalChanges(local_changes);
  },
  "background.set_personas"({ personas }, sender) {
    only(sender, PANEL);
    return setPersonas(personas);
  },
  "background.save_server"(body, sender) {
    only(sender, PANEL);
    return saveServer(body);
  },
  "background.remove_server"({ server_id }, sender) {
    only(sender, PANEL);
    return removeServer(server_id);
  },
  "background.write_server_models"({ server_id, base_url, models }, sender) {
    only(sender, ENGINE_ROOM);
    return writeServerModels(server_id, base_url, models);
  },
  "background.read_key"({ server_id, origin }, sender) {
    only(sender, ENGINE_ROOM);
    return readKey(server_id, origin);
  },
});
