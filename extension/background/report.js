/**
 * Opens the popup, as a press on the icon would; where the browser does not let it, the same page in a tab.
 * @param {number} tabId
 */
export async function openReport(tabId) {
  try {
    await chrome.action.openPopup();
  } catch {
    await chrome.tabs.create({ url: chrome.runtime.getURL(`ui/popup.html?tab=${tabId}`) });
  }
}
