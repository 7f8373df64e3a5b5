/** The layers that can be at fault while the bridge works: by then, the browser has started the app. */
const LAYERS_IN_FLIGHT = ["reader", "card", "service"];

/** Symptoms to announce even if nothing explains them. */
const ANNOUNCE_UNEXPLAINED = ["symptom.app-no-answer", "symptom.freeze-before-pin", "symptom.environment"];

/**
 * What a banner should show: the verdict, if it is a failure that can be the cause now, or one of the symptoms above. A
 * missing host, or a card that was removed after its work, is no cause. null: nothing is certain.
 * @type {Announcement}
 */
export const announcement = (attempt, findings, verdict, catalog) => {
  const explained = findings.some((f) => catalog.explaining(f, [verdict]).length > 0);
  const explains = attempt.seen.length > 0 ? explained : attempt.inFlight && LAYERS_IN_FLIGHT.includes(verdict.layer);
  if (verdict.status === "failure" && explains) return verdict;
  return findings.find((f) => ANNOUNCE_UNEXPLAINED.includes(f.code)) ?? null;
};
