import { table } from "../shared/table.js";

/** @returns {Promise<Deadlines>} */
export const deadlines = () => table("deadlines.json");
/** @returns {Promise<MeaningTable>} */
export const meanings = () => table("meanings.json.gz");
/** @returns {Promise<BridgeData[]>} */
export const bridges = () => table("bridges.json");
/** @returns {Promise<ConflictData[]>} */
export const conflicts = () => table("conflicts.json.gz");
