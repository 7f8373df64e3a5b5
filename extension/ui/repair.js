/** Repairs that make sense only on Windows. */
const WINDOWS_ONLY = ["open-jpki-menu", "open-services"];

/** Second steps beside another repair. */
const SECOND_STEPS = new Map([
  ["clear-cookies", ["clear-site-data"]],
  ["start-service", ["open-services"]],
  ["reload-page", ["browser-settings"]],
]);

/**
 * The repairs to offer for a finding, the best first.
 * @param {Finding} finding
 * @param {string | undefined} repair of its code, in the catalogue
 * @param {boolean} [windows]
 */
export function repairsFor(finding, repair, windows = navigator.userAgentData?.platform === "Windows") {
  if (!repair || ["ok", "skipped"].includes(finding.status)) return [];
  return [repair, ...(SECOND_STEPS.get(repair) ?? [])].filter((name) => windows || !WINDOWS_ONLY.includes(name));
}

/**
 * Does a repair. Call it from a click: otherwise the browser does not ask for a permission or enable an extension.
 * Returns the tab to check afterwards, or null if it failed.
 * @param {string} name
 * @param {Finding} finding
 * @param {number} tabId
 * @returns {Promise<number | null | "in-flight">}
 */
export async function repair(name, finding, tabId) {
  try {
    switch (name) {
      case "allow-management":
        return (await chrome.permissions.request({ permissions: ["management"] })) ? tabId : null;
      case "enable-bridge":
        await chrome.management.setEnabled(finding.args?.id ?? "", true);
        return await repairInWorker("reload-page", tabId);
      case "clear-site-data":
      case "allow-portal":
        if (!(await chrome.permissions.request(name === "allow-portal" ? { origins: chrome.runtime.getManifest().optional_host_permissions } : { permissions: ["browsingData"] }))) return null;
        return await repairInWorker(name, tabId);
      default:
        return await repairInWorker(name, tabId);
    }
  } catch (error) {
    console.error(error);
    return null;
  }
}

/**
 * Lets the worker do it: a popup closes when another tab comes to the front.
 * @param {string} name
 * @param {number} tabId
 * @returns {Promise<number | null | "in-flight">}
 */
function repairInWorker(name, tabId) {
  return chrome.runtime.sendMessage({ type: "repair", name, tabId });
}
