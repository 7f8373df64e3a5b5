/** @import {Finding} from "../types.d.ts" */

/** What security software can be the reason of. */
const ITS_SYMPTOMS = ["symptom.app-no-answer", "symptom.stalled"];

/**
 * That a security product is there is only a note, until the page shows what it could be the reason of.
 * @param {Finding[]} machine
 * @param {Finding[]} all of both sides, for their symptoms
 * @returns {Finding[]}
 */
export function worseWithSymptoms(machine, all) {
  if (!all.some((f) => ITS_SYMPTOMS.includes(f.code))) return machine;
  return machine.map((f) => (f.code === "security.may-interfere" && f.status === "info" ? { ...f, status: "warning" } : f));
}
