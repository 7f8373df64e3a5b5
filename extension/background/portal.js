import { noteUnknown } from "./flights.js";

// Watches pages that were open before this extension was there, or before the person allowed them: マイナポータル.

const { content_scripts: [{ js, matches, exclude_matches }], optional_host_permissions: origins } = /** @type {any} */ (chrome.runtime.getManifest());

export const isPortalAllowed = () => chrome.permissions.contains({ origins });

/** Watches the open pages of マイナポータル and those to come: the browser forgets that at each update of this extension. */
export async function watchPortal() {
  if (!(await isPortalAllowed())) return;
  // It may be registered already, also by another call at the same time.
  await chrome.scripting.registerContentScripts([{ id: "portal", matches: origins, js, allFrames: true, runAt: "document_start" }]).catch(() => {});
  await watchTabs({ url: origins });
}

/** Watches the pages that are open when this extension is installed. */
export const watchOpenPages = () => watchTabs({ url: matches });

/** @param {{url: string[]}} which */
async function watchTabs(which) {
  const tabs = (await chrome.tabs.query({ ...which, discarded: false })).filter(({ url }) => !exclude_matches.includes(`${new URL(url ?? "").origin}/*`));
  await Promise.allSettled(tabs.map(({ id = -1 }) => watchTab(id)));
}

/** @param {number} tabId */
async function watchTab(tabId) {
  const [{ result }] = await chrome.scripting.executeScript({ target: { tabId }, func: () => globalThis.etaxDoctorInFlight });
  if (typeof result === "boolean") return; // it is watched already
  await noteUnknown(); // a late script does not know what its page has launched
  await chrome.scripting.executeScript({ target: { tabId, allFrames: true }, files: js });
}
