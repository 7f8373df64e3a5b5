import { IDLE } from "../checks/attempt.js";

/**
 * A tab's login attempt in storage.session, which outlives the worker, not the browser. page, seq: the last message;
 * step: its result; frame, begun: where and when the attempt began; answeredSeq: the message that a banner answered; look: the message and time of the last check.
 * @typedef {{attempt: Attempt, page: string, seq: number, step?: Step, frame?: number, begun?: number, answeredSeq?: number, look?: {page: string, seq: number, at: number}}} Kept
 */

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
