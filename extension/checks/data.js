/** @import {BridgeData, ConflictData, Deadlines, Words} from "../types.d.ts" */

/**
 * Reads a table that lies in the extension.
 * @param {string} name
 */
async function table(name) {
  const response = await fetch(chrome.runtime.getURL(name));
  return response.json();
}

/**
 * The words of e-Tax's pages, and of all known messages those that are looked for there.
 * @returns {Promise<Words>}
 */
export async function words() {
  const [own, symptoms] = await Promise.all([table("words.json"), table("symptoms.json")]);
  return { ...own, texts: symptoms.texts.filter((/** @type {{page?: boolean}} */ row) => row.page) };
}
/** @returns {Promise<Deadlines>} */
export const deadlines = () => table("deadlines.json");
/** @returns {Promise<BridgeData[]>} */
export const bridges = () => table("bridges.json");
/** @returns {Promise<ConflictData[]>} */
export const conflicts = () => table("conflicts.json");
