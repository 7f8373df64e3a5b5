/**
 * The documents in which the bridge was launched and has not answered, by their tabs, kept where they outlive the worker.
 * For a while after one was left, a login counts as in flight: the PIN's window stays open.
 */
const AFTERWARDS = 60_000;
const FLIGHT = "flight:";
const LEFT = "left";

/**
 * What a document says of itself.
 * @param {string} id
 * @param {number} tabId
 * @param {boolean} inFlight
 */
export function note(id, tabId, inFlight) {
  return inFlight ? chrome.storage.session.set({ [FLIGHT + id]: tabId }) : chrome.storage.session.remove(FLIGHT + id);
}

/**
 * The documents of a tab are left, but for one.
 * @param {number} tabId
 * @param {string} [but]
 */
export const left = (tabId, but) => leave((id, tab) => tab === tabId && id !== but);

/**
 * A document in flight is left.
 * @param {string} id
 */
export async function leftOne(id) {
  await chrome.storage.session.set({ [FLIGHT + id]: -1 });
  await left(-1);
}

/**
 * Whether one was left a short while ago, as those that are gone were, or is in a tab that does not answer.
 * @param {(string | undefined)[]} alive the documents that speak for themselves
 * @param {number[]} silent the tabs that do not
 */
export async function leftInFlight(alive, silent) {
  const mute = (/** @type {unknown} */ tab) => silent.includes(Number(tab));
  await leave((id, tab) => !alive.includes(id) && !mute(tab));
  const all = await chrome.storage.session.get();
  return Date.now() - Number(all[LEFT] ?? 0) < AFTERWARDS || Object.keys(all).some((key) => key.startsWith(FLIGHT) && mute(all[key]));
}

/** @param {(id: string, tabId: unknown) => boolean} which */
async function leave(which) {
  const all = await chrome.storage.session.get();
  const gone = Object.keys(all).filter((key) => key.startsWith(FLIGHT) && which(key.slice(FLIGHT.length), all[key]));
  if (gone.length === 0) return;
  await chrome.storage.session.set({ [LEFT]: Date.now() });
  await chrome.storage.session.remove(gone);
}
