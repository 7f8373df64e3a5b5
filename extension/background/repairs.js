import { repair as askHost, HostError } from "../shared/host.js";
import { ETAX_HOSTS, ETAX_PAGES, etaxCookies, etaxTabs, login } from "./page.js";

/** Where an individual logs in (observed; the start page of e-Tax leads there). */
const LOGIN_PAGE = "https://login.e-tax.nta.go.jp/login/reception/loginIndividual";

/**
 * The worker's repairs, by their names in the catalogue. Each gets the tab to repair, and returns the tab to check
 * afterwards, or null if it failed.
 * @type {Record<string, (tabId: number) => Promise<number | null>>}
 */
const REPAIRS = {
  "reload-page": async (tabId) => {
    // The browser hides the addresses of other pages.
    const { url } = await chrome.tabs.get(tabId);
    if (url && ETAX_HOSTS.includes(new URL(url).hostname)) await chrome.tabs.reload(tabId);
    return tabId;
  },
  "browser-settings": (tabId) => openBeside(tabId, "chrome://extensions/"),
  "cookie-settings": (tabId) => openBeside(tabId, `chrome://settings/content/siteDetails?site=${encodeURIComponent(new URL(LOGIN_PAGE).origin)}`),
  "normal-window": async () => {
    const window = await chrome.windows.create({ url: LOGIN_PAGE, incognito: false });
    return window?.tabs?.[0]?.id ?? null;
  },
  "clear-cookies": async (tabId) => {
    await removeCookies();
    return startAnew(tabId);
  },
  "clear-site-data": async (tabId) => {
    const origins = /** @type {[string, ...string[]]} */ (ETAX_HOSTS.map((host) => `https://${host}`));
    await chrome.browsingData.remove({ origins }, { cookies: true, cache: true, cacheStorage: true, localStorage: true, indexedDB: true, serviceWorkers: true });
    return startAnew(tabId);
  },
  "fresh-tab": startAnew,
  "start-service": byHost("start-service"),
  "open-jpki-menu": byHost("open-jpki-menu"),
  "open-services": byHost("open-services"),
};

/** Opens the login page, in this tab if it shows e-Tax, and closes the other e-Tax tabs. @param {number} tabId */
async function startAnew(tabId) {
  const tabs = await chrome.tabs.query({ url: ETAX_PAGES });
  const here = tabs.some((tab) => tab.id === tabId);
  const opened = here ? await chrome.tabs.update(tabId, { url: LOGIN_PAGE }) : await chrome.tabs.create({ url: LOGIN_PAGE });
  await chrome.tabs.remove(tabs.flatMap((tab) => (tab.id === undefined || tab.id === tabId ? [] : tab.id)));
  return opened?.id ?? null;
}

/** The repairs that end a login on e-Tax's pages. */
const ENDS_LOGIN = ["clear-cookies", "clear-site-data", "fresh-tab"];

async function isLoginInFlight() {
  const tabs = await etaxTabs();
  return (await login(tabs.flatMap(({ id }) => id ?? []))) === "in-flight";
}

/** @param {string} action */
function byHost(action) {
  return async (/** @type {number} */ tabId) => {
    try {
      return (await askHost(action)) === "done" ? tabId : null;
    } catch (error) {
      if (error instanceof HostError) return null;
      throw error;
    }
  };
}

/** @param {number} tabId @param {string} url */
async function openBeside(tabId, url) {
  await chrome.tabs.create({ url });
  return tabId;
}

/** Removes them one by one: browsingData.remove would remove those of all of nta.go.jp. */
async function removeCookies() {
  for (const { domain, path, name, storeId, partitionKey } of await etaxCookies()) {
    await chrome.cookies.remove({ url: `https://${domain.replace(/^\./, "")}${path}`, name, storeId, partitionKey });
  }
}

/** How long the check waits for a page to load, in milliseconds. */
const LOAD_TIMEOUT = 10_000;

/**
 * Does a repair, and waits for the page that it leads to.
 * @param {string} name
 * @param {number} tabId
 * @returns {Promise<number | null | "in-flight">} the tab to check; in-flight: not done, since a login may be in flight
 */
export async function doRepair(name, tabId) {
  if (!Object.hasOwn(REPAIRS, name)) return null;
  if (ENDS_LOGIN.includes(name) && (await isLoginInFlight())) return "in-flight";
  const repaired = await REPAIRS[name](tabId);
  if (repaired !== null) await waitForLoad(repaired);
  return repaired;
}

/** @param {number} tabId */
function waitForLoad(tabId) {
  return new Promise((resolve) => {
    const timer = setTimeout(done, LOAD_TIMEOUT);
    function done() {
      clearTimeout(timer);
      chrome.tabs.onUpdated.removeListener(updated);
      resolve(undefined);
    }
    /** @param {number} id @param {{status?: string}} change */
    function updated(id, change) {
      if (id === tabId && change.status === "complete") done();
    }
    chrome.tabs.onUpdated.addListener(updated);
    chrome.tabs.get(tabId).then((tab) => tab.status === "complete" && done(), done);
  });
}
