/** Opens the popup, or the full page in a tab if the browser does not allow that. @param {number} tabId */
export async function openAnswer(tabId) {
  try {
    await chrome.action.openPopup();
  } catch {
    await openReport(tabId);
  }
}

/** @param {number} tabId the tab that the full page checks */
export async function openReport(tabId) {
  await chrome.tabs.create({ url: chrome.runtime.getURL(`ui/report.html?tab=${tabId}`) });
}

export const openWelcome = () => chrome.tabs.create({ url: chrome.runtime.getURL("ui/welcome.html") });

/** Opens the first steps at the installation, unless an administrator has installed it for an office. */
export async function welcome() {
  if ((await chrome.management.getSelf()).installType !== "admin") await openWelcome();
}
