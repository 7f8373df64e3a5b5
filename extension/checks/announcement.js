/** @import {Attempt, Finding} from "../types.d.ts" */

/** What an unanswered launchApp itself disproves: the browser has started the app, or its error would have come at once. */
const PROVEN_BY_A_RUNNING_APP = ["app", "policy", "extension", "security"];

/** Symptoms that are worth a word even where nothing explains them. */
const SPEAK_ALONE = ["symptom.app-no-answer", "symptom.freeze-before-pin"];

/**
 * What a banner should say unasked: only a failure, and only one that can be the cause now. null: nothing is sure.
 * @param {Attempt} attempt
 * @param {Finding[]} findings
 * @param {Finding} verdict
 * @returns {Finding | null}
 */
export function announcement(attempt, findings, verdict) {
  const disproved = attempt.inFlight ? PROVEN_BY_A_RUNNING_APP : [];
  // That our own program is missing says nothing of the login.
  if (verdict.status === "failure" && verdict.layer !== "doctor" && !disproved.includes(verdict.layer)) return verdict;
  return findings.find((f) => SPEAK_ALONE.includes(f.code)) ?? null;
}
