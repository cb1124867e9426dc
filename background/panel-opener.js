/** Toolbar icon and keyboard command: open the panel, which also grants this tab by activeTab. */
import { broadcast } from "../shared/bus.js";
import { rememberClick } from "./clicks.js";

export function registerPanelOpener() {
  chrome.action.onClicked.addListener(openFromGesture);
  chrome.commands.onCommand.addListener((command, tab) => {
    if (command === "open-panel" && tab) openFromGesture(tab);
  });
}

/** @param {chrome.tabs.Tab} tab */
function openFromGesture(tab) {
  // First call, before any await: even one microtask later the gesture is gone and open() refuses.
  const opening = chrome.sidePanel.open({ windowId: tab.windowId });
  tellIfItFails(opening);
  rememberClick(tab)
    .then(() => broadcast({ type: "panel.page_changed", window_id: tab.windowId }))
    .catch(console.error);
}

/**
 * There is no panel to show an error in, so the toolbar icon carries it.
 * @param {Promise<void>} opening
 */
export async function tellIfItFails(opening) {
  try {
    await opening;
    await chrome.action.setBadgeText({ text: "" });
    await chrome.action.setTitle({ title: "Open Sidelight" });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    await chrome.action.setBadgeText({ text: "!" });
    await chrome.action.setTitle({
      title: `Sidelight could not open its panel here (${why}). Try it in a normal browser window.`,
    });
  }
}
