// マイナポータル is watched once the person has allowed it.

const { content_scripts: [{ js }], optional_host_permissions: origins } = /** @type {any} */ (chrome.runtime.getManifest());

export const isPortalAllowed = () => chrome.permissions.contains({ origins });

/** Watches its open pages, and those to come: the browser forgets that at each update of this extension. */
export async function watchPortal() {
  if (!(await isPortalAllowed()) || (await chrome.scripting.getRegisteredContentScripts()).length > 0) return;
  await chrome.scripting.registerContentScripts([{ id: "portal", matches: origins, js, allFrames: true, runAt: "document_start" }]);
  const tabs = await chrome.tabs.query({ url: origins });
  await Promise.allSettled(tabs.map(({ id = -1 }) => chrome.scripting.executeScript({ target: { tabId: id, allFrames: true }, files: js })));
}
