/** @import {Attempt, Step} from "../types.d.ts" */
import { IDLE } from "../checks/attempt.js";

/**
 * A tab's login attempt, kept where it outlives the worker and not the browser: the last message that was taken, and the
 * step it led to; answeredSeq is the message that a banner answered, look the last one that was looked into, and when.
 * @typedef {{attempt: Attempt, page: string, seq: number, step?: Step, answeredSeq?: number, look?: {page: string, seq: number, at: number}}} Kept
 */

/** @param {number} tabId */
const key = (tabId) => `attempt:${tabId}`;

/**
 * @param {number} tabId
 * @returns {Promise<Kept>}
 */
export async function load(tabId) {
  const found = await chrome.storage.session.get(key(tabId));
  return /** @type {Kept | undefined} */ (found[key(tabId)]) ?? { attempt: IDLE, page: "", seq: 0 };
}

/**
 * @param {number} tabId
 * @param {Kept} kept
 */
export function save(tabId, kept) {
  return chrome.storage.session.set({ [key(tabId)]: kept });
}

/** @param {number} tabId */
export function forget(tabId) {
  return chrome.storage.session.remove(key(tabId));
}
