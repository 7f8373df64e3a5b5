/** @param {string} name a JSON file of the extension */
async function table(name) {
  const response = await fetch(chrome.runtime.getURL(name));
  return response.json();
}

/** @returns {Promise<Deadlines>} */
export const deadlines = () => table("deadlines.json");
/** @returns {Promise<MeaningTable>} */
export const meanings = () => table("meanings.json");
/** @returns {Promise<BridgeData[]>} */
export const bridges = () => table("bridges.json");
/** @returns {Promise<ConflictData[]>} */
export const conflicts = () => table("conflicts.json");
