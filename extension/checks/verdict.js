/** @import {Finding} from "../types.d.ts" */
/** @import {Catalog} from "./catalog.js" */

/**
 * Chooses the one finding to show first. The rule is that of checks/finding/verdict.go, and both are held to the cases
 * in testdata/verdicts: a symptom's first failing explanation; else the failure nearest the card; else the same of
 * warnings; else "all fine", or "not all checked" where something is unknown.
 * @param {Finding[]} findings
 * @param {Catalog} catalog
 * @returns {Finding}
 */
export function verdict(findings, catalog) {
  for (const status of ["failure", "warning"]) {
    for (const symptom of findings) {
      for (const code of symptom.explainedBy ?? []) {
        const cause = findings.find((f) => f.code === code && f.status === status);
        if (cause) return cause;
      }
    }
    const [nearest] = findings.filter((f) => f.status === status).sort((a, b) => catalog.compare(a, b));
    if (nearest) return nearest;
  }
  const unknown = findings.some((f) => f.status === "unknown" || f.status === "skipped");
  return unknown || findings.length === 0
    ? catalog.finding("verdict.not-all-checked", "unknown")
    : catalog.finding("verdict.all-fine", "ok");
}
