import { IDLE } from "../checks/attempt.js";

/** @param {number} tabId */
const key = (tabId) => `attempt:${tabId}`;

/** @param {number} tabId @returns {Promise<Kept>} */
export async function load(tabId) {
  const found = await chrome.storage.session.get(key(tabId));
  return /** @type {Kept | undefined} */ (found[key(tabId)]) ?? { attempt: IDLE, page: "", seq: 0 };
}

/** @param {number} tabId @param {Kept} kept */
export function save(tabId, kept) {
  return chrome.storage.session.set({ [key(tabId)]: kept });
}

/** @param {number} tabId */
export function forget(tabId) {
  return chrome.storage.session.remove(key(tabId));
}
