// Compares this computer's clock with e-Tax's, by the Date of opened pages.

/** @param {number} tabId */
const key = (tabId) => `clock:${tabId}`;

/**
 * Notes the time that an answer of e-Tax names, and ours. One that was kept somewhere on the way names an earlier time.
 * @param {{tabId: number, timeStamp: number, fromCache: boolean, responseHeaders?: {name: string, value?: string}[]}} answer
 */
export function noteDate({ tabId, timeStamp, fromCache, responseHeaders = [] }) {
  const header = (/** @type {string} */ wanted) => responseHeaders.find(({ name }) => name.toLowerCase() === wanted)?.value ?? "";
  const date = Date.parse(header("date"));
  if (date && !fromCache && !header("age")) void chrome.storage.session.set({ [key(tabId)]: { date, here: timeStamp } });
}

/**
 * How far this computer's clock is ahead of e-Tax's, in seconds and to the hour, so that equal checks stay equal; undefined
 * if it is not. The lesser of two: when the page came (the clock may have been set since), and now (a page's age leaves out
 * the computer's sleep).
 * @param {number} tabId
 * @param {number} age of its page, in milliseconds
 */
export async function clockAhead(tabId, age) {
  const kept = /** @type {{date: number, here: number} | undefined} */ ((await chrome.storage.session.get(key(tabId)))[key(tabId)]);
  if (!kept) return;
  const [then, now] = [kept.here - kept.date, Date.now() - kept.date - age];
  return Math.round((Math.abs(then) < Math.abs(now) ? then : now) / 3_600_000) * 3600 || undefined;
}
