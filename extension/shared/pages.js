/**
 * Opens the popup, as a press on the icon would; where the browser does not let it, the full page in a tab.
 * @param {number} tabId
 */
export async function openAnswer(tabId) {
  try {
    await chrome.action.openPopup();
  } catch {
    await openReport(tabId);
  }
}

/**
 * Opens the full page on what is in a tab.
 * @param {number} tabId
 */
export async function openReport(tabId) {
  await chrome.tabs.create({ url: chrome.runtime.getURL(`ui/report.html?tab=${tabId}`) });
}
