/** @import {Finding, Status} from "../types.d.ts" */
/** @import {Catalog} from "./catalog.js" */

/** "ok" precedes "info": it says more about a layer. @type {Status[]} */
export const WORST_FIRST = ["failure", "warning", "unknown", "skipped", "ok", "info"];

/**
 * Chooses the one finding to show first, and turns info findings into warnings beside some symptoms. The rule is in
 * checks/finding/verdict.go; the cases in testdata/verdicts test both.
 * @param {Finding[]} all
 * @param {Catalog} catalog
 * @returns {{verdict: Finding, findings: Finding[]}}
 */
export function verdict(all, catalog) {
  const observed = new Set(all.map((f) => f.code));
  /** @param {Finding} f */
  const isWorse = (f) => f.status === "info" && catalog.entries.get(f.code)?.worseWith?.some((symptom) => observed.has(symptom));
  const findings = all.map((f) => (isWorse(f) ? { ...f, status: /** @type {const} */ ("warning") } : f));
  return { verdict: choose(findings, catalog), findings };
}

/**
 * @param {Finding[]} findings
 * @param {Catalog} catalog
 */
function choose(findings, catalog) {
  for (const status of ["failure", "warning"]) {
    for (const code of findings.flatMap((f) => catalog.explainedBy(f.code))) {
      const cause = findings.find((f) => f.code === code && f.status === status);
      if (cause) return cause;
    }
    const [nearest] = findings.filter((f) => f.status === status).sort((a, b) => catalog.compare(a, b));
    if (nearest) return nearest;
  }
  const symptom = findings.find((f) => catalog.entries.get(f.code)?.ownSteps);
  if (symptom) return { ...symptom, status: /** @type {const} */ ("warning") };
  const unknown = findings.some((f) => f.status === "unknown" || f.status === "skipped");
  return unknown || findings.length === 0
    ? catalog.finding("verdict.not-all-checked", "unknown")
    : catalog.finding("verdict.all-fine", "ok");
}
