/**
 * The service worker's entry. Every listener is registered here in the first run of the script:
 * Chrome wakes a dead worker for an event only if its listener was registered synchronously.
 */
import { serve } from "../shared/bus.js";
import { takeHandoff } from "./handoffs.js";
import { registerMenus } from "./menus.js";
import { ensureOffscreen } from "./offscreen-document.js";
import { registerPageWatch } from "./page-watch.js";
import { pageState, readPage } from "./pages.js";
import { registerPanelOpener } from "./panel-opener.js";

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
});
