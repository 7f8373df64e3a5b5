import { browserId } from "./brand.js";
import { deadlines } from "./tables.js";
import { load } from "./attempts.js";
import { leftInFlight } from "./flights.js";
import { isPortalAllowed } from "./portal.js";

const manifest = /** @type {{host_permissions: string[], optional_host_permissions: string[]}} */ (chrome.runtime.getManifest());
/** The browser hides the tabs of those that are not allowed. */
export const ETAX_PAGES = [...manifest.host_permissions, ...manifest.optional_host_permissions];
/** The hosts of pages with a login, as far as they are known, and of 作成コーナー. */
export const ETAX_HOSTS = ["login.e-tax.nta.go.jp", "mypage.e-tax.nta.go.jp", "clientweb.e-tax.nta.go.jp", "www.keisan.nta.go.jp"];
/** e-Tax's public site has no login: no script of ours runs there. */
const PUBLIC_SITE = "https://www.e-tax.nta.go.jp/";

/** Which of e-Tax's cookies: those of all its hosts. */
const COOKIES = { domain: "e-tax.nta.go.jp" };

/** Whether a tab shows the login or my page: those lose nothing when they are closed. @param {{url?: string}} tab */
export const isLogins = ({ url }) => url !== undefined && ["login.e-tax.nta.go.jp", "mypage.e-tax.nta.go.jp"].includes(new URL(url).hostname);

const ANSWER_DEADLINE = 1_000;

/**
 * @template T
 * @param {Promise<T>} asked
 * @returns {Promise<T | null>} null if there is no answer in time, or an error
 */
export async function withTimeout(asked) {
  const silence = new Promise((resolve) => setTimeout(resolve, ANSWER_DEADLINE, null));
  try {
    return (await Promise.race([asked, silence])) ?? null;
  } catch {
    return null;
  }
}

/**
 * Asks a tab's content script what it sees. null: no answer, as from a tab that was loaded before the installation.
 * @param {number} tabId
 * @param {boolean} whole also whether cookies work
 * @returns {Promise<PageFacts | null>}
 */
function pageFacts(tabId, whole) {
  return withTimeout(chrome.tabs.sendMessage(tabId, { type: "page-facts", whole }));
}

/**
 * Whether a login is in flight in one of the tabs' frames; unknown if a tab does not answer.
 * @param {number[]} tabIds
 * @returns {Promise<LoginState>}
 */
export async function login(tabIds) {
  const func = () => globalThis.etaxDoctorInFlight;
  const all = await Promise.all(tabIds.map((tabId) => withTimeout(chrome.scripting.executeScript({ target: { tabId, allFrames: true }, func, injectImmediately: true }))));
  const frames = all.flatMap((answers) => answers ?? []);
  const silent = tabIds.filter((_, i) => typeof all[i]?.find((frame) => frame.frameId === 0)?.result !== "boolean");
  const before = await leftInFlight(frames.map((frame) => frame.documentId), silent);
  if (before || frames.some((frame) => frame.result)) return "in-flight";
  return silent.length > 0 ? "unknown" : "none";
}

/** The open e-Tax tabs. @param {{discarded?: boolean}} [options] by default without discarded ones, which run no login */
export async function etaxTabs(options = { discarded: false }) {
  const tabs = await chrome.tabs.query({ url: ETAX_PAGES, ...options });
  return tabs.filter(({ url }) => !url?.startsWith(PUBLIC_SITE));
}

/**
 * The facts of the browser and of the page in a tab, and whether a login is in flight in any e-Tax tab.
 * @param {number} tabId
 * @returns {Promise<{facts: BrowserFacts, login: LoginState}>}
 */
export async function probeBrowser(tabId) {
  const tabs = await etaxTabs();
  const i = tabs.findIndex((tab) => tab.id === tabId);
  const ids = tabs.flatMap(({ id }) => id ?? []);
  const [pages, state, extensions, cookies, agent, { attempt }, { stale }, portalAllowed] = await Promise.all([
    Promise.all(ids.map((id) => pageFacts(id, id === tabId))),
    login(ids),
    installedExtensions(),
    countCookies(),
    i < 0 ? null : pageAgent(tabId),
    load(tabId),
    deadlines(),
    isPortalAllowed(),
  ]);
  const incognito = tabs[i]?.incognito ?? false;
  const logins = i >= 0 && isLogins(tabs[i]);
  return {
    facts: {
      onEtaxPage: i >= 0,
      incognito,
      page: pages[i] ?? null,
      browser: browserId(),
      tabs: logins ? tabs.filter((tab) => tab.incognito === incognito && isLogins(tab)).length : 1,
      loggedInElsewhere: pages.some((page, j) => j !== i && page?.page === "logged-in" && isLogins(tabs[j])),
      cookies: logins ? cookies : null,
      attempt,
      extensions,
      agent,
      ownAgent: agentOf(),
      stale,
      portalAllowed,
    },
    login: state,
  };
}

/** @returns {Agent} */
function agentOf() {
  return { userAgent: navigator.userAgent, platform: navigator.userAgentData?.platform ?? "" };
}

/**
 * The user agent that the page's own scripts see; an extension may have changed it for them alone.
 * @param {number} tabId
 * @returns {Promise<Agent | null>}
 */
async function pageAgent(tabId) {
  const results = await withTimeout(chrome.scripting.executeScript({ target: { tabId }, world: "MAIN", func: agentOf }));
  return results?.[0]?.result ?? null;
}

/** The profile's extensions; null without the permission to ask. @returns {Promise<ExtensionFacts[] | null>} */
async function installedExtensions() {
  if (!(await chrome.permissions.contains({ permissions: ["management"] }))) return null;
  const [all, everywhere] = await Promise.all([
    chrome.management.getAll(),
    chrome.management.getPermissionWarningsByManifest(JSON.stringify(EVERYWHERE)),
  ]);
  return Promise.all(
    all.map(async ({ id, name, version, enabled, disabledReason, type, permissions, hostPermissions }) => {
      const warnings = enabled ? await chrome.management.getPermissionWarningsById(id) : [];
      const byScript = warnings.some((w) => everywhere.includes(w)) ? ["<all_urls>"] : ETAX_HOSTS.filter((h) => warnings.some((w) => w.includes(h))).map((h) => `https://${h}/*`);
      return { id, name, version, enabled, disabledReason, type, permissions, hostPermissions: [...hostPermissions, ...byScript] };
    }),
  );
}

/** Chrome names the pages of content scripts only in permission warnings, in its own language: these mean "all pages". */
const EVERYWHERE = { manifest_version: 3, name: "x", version: "1", content_scripts: [{ matches: ["<all_urls>"], js: ["x.js"] }] };

/**
 * How many cookies e-Tax's hosts have, partitioned ones included. Names and values are not kept.
 * @returns {Promise<number | null>}
 */
async function countCookies() {
  const found = await withTimeout(etaxCookies());
  return found?.filter(({ name }) => !name.startsWith("etax-doctor-probe")).length ?? null;
}

/** The cookies of e-Tax's hosts. The browser hides those that may go over plain http. */
export async function etaxCookies() {
  const found = await Promise.all([chrome.cookies.getAll(COOKIES), chrome.cookies.getAll({ ...COOKIES, partitionKey: {} })]);
  return [...new Map(found.flat().map((cookie) => [identity(cookie), cookie])).values()];
}

/** @param {chrome.cookies.Cookie} cookie */
function identity({ storeId, domain, path, name, partitionKey }) {
  return JSON.stringify([storeId, domain, path, name, partitionKey]);
}
