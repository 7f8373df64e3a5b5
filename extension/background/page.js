/** @import {BrowserFacts, LoginState, PageFacts} from "../types.d.ts" */
import { loginState } from "../checks/login.js";

/** The pages that the extension runs on, as in manifest.json. */
const ETAX_PAGES = /** @type {string[]} */ (chrome.runtime.getManifest().host_permissions);

const ANSWER_DEADLINE = 1_000;

/**
 * Asks a tab's content script what it sees. null: there is none, as in a tab older than this extension.
 * @param {number} tabId
 * @returns {Promise<PageFacts | null>}
 */
async function pageFacts(tabId) {
  const silence = new Promise((resolve) => setTimeout(resolve, ANSWER_DEADLINE, null));
  try {
    return (await Promise.race([chrome.tabs.sendMessage(tabId, { type: "page-facts" }), silence])) ?? null;
  } catch {
    return null;
  }
}

/**
 * What is known of the page in the given tab, and whether an e-Tax tab is, or may be, in the middle of a login.
 * @param {number} tabId
 * @returns {Promise<{facts: BrowserFacts, login: LoginState}>}
 */
export async function probeBrowser(tabId) {
  // A tab that Chrome has discarded runs nothing, so no login either.
  const tabs = await chrome.tabs.query({ url: ETAX_PAGES, discarded: false });
  const pages = await Promise.all(tabs.map((tab) => pageFacts(/** @type {number} */ (tab.id))));
  const i = tabs.findIndex((tab) => tab.id === tabId);
  return {
    facts: { onEtaxPage: i >= 0, incognito: tabs[i]?.incognito ?? false, page: pages[i] ?? null },
    login: loginState(pages),
  };
}
