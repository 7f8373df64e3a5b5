import { watchPortal } from "./portal.js";
import { repair as askHost, HostError } from "../shared/host.js";
import { ETAX_HOSTS, etaxCookies, etaxTabs, isLogins, login } from "./page.js";

/** Where an individual logs in (observed; the start page of e-Tax leads there). */
const LOGIN_PAGE = "https://login.e-tax.nta.go.jp/login/reception/loginIndividual";
/**
 * Where one begins on other hosts: the first page of 作成コーナー (secondary knowledge), and マイナポータル.
 * @type {Record<string, string>}
 */
const START_PAGES = { "www.keisan.nta.go.jp": "https://www.keisan.nta.go.jp/kyoutu/ky/sm/top", "myna.go.jp": "https://myna.go.jp/" };

/** A tab, if it shows one of our pages. @param {number} tabId */
const shownIn = async (tabId) => (await etaxTabs({})).find(({ id }) => id === tabId);

/** The page to begin with again, on the host that a tab shows. @param {number} tabId */
async function startPage(tabId) {
  const { url } = (await shownIn(tabId)) ?? {};
  return (url && START_PAGES[new URL(url).hostname]) || LOGIN_PAGE;
}

/** Opens a page in the tab if that shows the login, else in a new one: a form stays as it is. @param {number} tabId */
async function open(tabId) {
  const url = await startPage(tabId);
  const tab = await shownIn(tabId);
  const opened = tab && isLogins(tab) ? await chrome.tabs.update(tabId, { url }) : await chrome.tabs.create({ url });
  return opened?.id ?? null;
}

/**
 * The worker's repairs, by their names in the catalogue. Each gets the tab to repair, and returns the tab to check
 * afterwards, or null if it failed.
 * @type {Record<string, (tabId: number) => Promise<number | null>>}
 */
const REPAIRS = {
  "reload-page": async (tabId) => {
    const tab = await shownIn(tabId);
    if (!tab || !isLogins(tab)) return open(tabId);
    await chrome.tabs.reload(tabId);
    return tabId;
  },
  "browser-settings": (tabId) => openBeside(tabId, "chrome://extensions/"),
  "cookie-settings": async (tabId) => openBeside(tabId, `chrome://settings/content/siteDetails?site=${encodeURIComponent(new URL(await startPage(tabId)).origin)}`),
  "normal-window": async (tabId) => {
    const window = await chrome.windows.create({ url: await startPage(tabId), incognito: false });
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
  "allow-portal": async (tabId) => {
    await watchPortal();
    return tabId;
  },
  "start-service": byHost("start-service"),
  "open-jpki-menu": byHost("open-jpki-menu"),
  "open-services": byHost("open-services"),
};

/** Opens the first page, and closes the other tabs of the login. @param {number} tabId */
async function startAnew(tabId) {
  const others = (await etaxTabs({})).filter((tab) => isLogins(tab) && tab.id !== tabId);
  const opened = await open(tabId);
  await chrome.tabs.remove(others.flatMap(({ id }) => id ?? []));
  return opened;
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
