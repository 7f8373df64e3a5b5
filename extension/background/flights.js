// Keeps the documents in which a launch has no answer yet, and their tabs, in storage.session: it outlives the worker.

/** How long a login counts as in flight after its document was left, in milliseconds: the PIN dialog stays open. */
const GRACE_PERIOD = 60_000;
const FLIGHT = "flight:";
const LEFT = "left";

/**
 * Notes whether a document has a login in flight.
 * @param {string} id
 * @param {number} tabId
 * @param {boolean} inFlight
 */
export function noteFlight(id, tabId, inFlight) {
  return inFlight ? chrome.storage.session.set({ [FLIGHT + id]: tabId }) : chrome.storage.session.remove(FLIGHT + id);
}

/** Notes that a tab has left its documents, except one. @param {number} tabId @param {string} [but] */
export const noteTabLeft = (tabId, but) => removeFlights((id, tab) => tab === tabId && id !== but);

/** Notes that a document was left during its login. @param {string} id */
export async function noteDocumentLeft(id) {
  await chrome.storage.session.set({ [FLIGHT + id]: -1 });
  await noteTabLeft(-1);
}

/**
 * Whether a login is in flight in a document that was left within the grace period, or whose tab does not answer.
 * @param {(string | undefined)[]} alive the documents that have answered
 * @param {number[]} silent the tabs that have not
 */
export async function leftInFlight(alive, silent) {
  const mute = (/** @type {unknown} */ tab) => silent.includes(Number(tab));
  const all = await removeFlights((id, tab) => !alive.includes(id) && !mute(tab));
  return Date.now() - Number(all[LEFT] ?? 0) < GRACE_PERIOD || Object.keys(all).some((key) => key.startsWith(FLIGHT) && mute(all[key]));
}

/** Whatever was in flight before is not known: for the grace period, a login counts as being so. */
export const noteUnknown = () => chrome.storage.session.set({ [LEFT]: Date.now() });

/**
 * Returns what is kept afterwards.
 * @param {(id: string, tabId: unknown) => boolean} which
 */
async function removeFlights(which) {
  const all = await chrome.storage.session.get();
  const gone = Object.keys(all).filter((key) => key.startsWith(FLIGHT) && which(key.slice(FLIGHT.length), all[key]));
  if (gone.length === 0) return all;
  await chrome.storage.session.set({ [LEFT]: Date.now() });
  await chrome.storage.session.remove(gone);
  return chrome.storage.session.get();
}
