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
export function left(tabId, but) {
  return leave((id, tab) => tab === tabId && id !== but);
}

/**
 * Whether one was left a short while ago. Those that are not there any more were.
 * @param {(string | undefined)[]} alive the documents that speak for themselves
 */
export async function leftInFlight(alive) {
  await leave((id) => !alive.includes(id));
  const at = Number((await chrome.storage.session.get(LEFT))[LEFT] ?? 0);
  return Date.now() - at < AFTERWARDS;
}

/** @param {(id: string, tabId: unknown) => boolean} which */
async function leave(which) {
  const all = await chrome.storage.session.get();
  const gone = Object.keys(all).filter((key) => key.startsWith(FLIGHT) && which(key.slice(FLIGHT.length), all[key]));
  if (gone.length === 0) return;
  await chrome.storage.session.set({ [LEFT]: Date.now() });
  await chrome.storage.session.remove(gone);
}
