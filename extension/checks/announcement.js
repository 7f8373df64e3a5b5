/** @import {Attempt, Finding} from "../types.d.ts" */
/** @import {Catalog} from "../shared/catalog.js" */

/**
 * What can still be wrong while the bridge works. The rest is disproved: the browser has started the app, or its error
 * would have come at once.
 */
const WHILE_IT_WORKS = ["reader", "card", "service"];

/** Symptoms that are worth a word even where nothing explains them. */
const SPEAK_ALONE = ["symptom.app-no-answer", "symptom.freeze-before-pin"];

/**
 * What a banner should say unasked: only a failure, and only one that can be the cause now: it explains what was seen.
 * That our own program is missing, or that the card was taken off after its work was done, is no cause. null: nothing is
 * sure.
 * @param {Attempt} attempt
 * @param {Finding[]} findings
 * @param {Finding} verdict
 * @param {Catalog} catalog
 * @returns {Finding | null}
 */
export function announcement(attempt, findings, verdict, catalog) {
  const explanations = findings.flatMap((f) => catalog.explainedBy(f.code));
  const explains = attempt.seen.length > 0 ? explanations.includes(verdict.code) : attempt.inFlight;
  const possible = !attempt.inFlight || WHILE_IT_WORKS.includes(verdict.layer);
  if (verdict.status === "failure" && explains && possible) return verdict;
  return findings.find((f) => SPEAK_ALONE.includes(f.code)) ?? null;
}
