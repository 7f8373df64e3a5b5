import { step, troubles } from "./attempt.js";

/**
 * Takes a page's event into what is kept of its tab; null if it belongs to another frame than that of the attempt.
 * @type {Take}
 */
export const take = (kept, { page, seq, loaded, sent, event }, frameId, deadlines) => {
  const { attempt, frame = 0, begun = 0 } = kept;
  const begins = event.kind === "launch" || (event.kind === "press" && !attempt.inFlight);
  // If the attempt began before the page event, the page is no new one. The clock may have been set back since.
  const same = kept.page === page || (frameId !== frame && begun > loaded && begun <= sent);
  const belongs = frameId === frame || begins || (event.kind === "page" && frameId === 0 && !same);
  if (!belongs) return beside(kept, event, deadlines);
  if (kept.page === page && kept.seq === seq && kept.step) return { kept, taken: { ...kept.step, page, seq } };
  if (kept.page === page && kept.seq > seq) return { kept, taken: { ...repeatedStep(attempt), page, seq } };
  const known = event.kind === "page" && same ? { kind: /** @type {const} */ ("texts"), texts: event.texts } : event;
  const next = step(attempt, known, deadlines);
  const place = begins ? { frame: frameId, begun: sent } : known.kind === "page" ? { frame: frameId, begun } : { frame, begun };
  return { kept: { attempt: next.attempt, page, seq, step: next, look: kept.look, ...place }, taken: { ...next, page, seq } };
};

/**
 * A frame beside that of the attempt may only report trouble. What is kept of the attempt's own messages stays.
 * @param {Kept} kept
 * @param {AttemptEvent} event
 * @param {Deadlines} deadlines
 */
function beside(kept, event, deadlines) {
  if (event.kind !== "texts" && event.kind !== "page") return null;
  const next = step(kept.attempt, { kind: "texts", texts: event.kind === "page" ? troubles(event) : event.texts }, deadlines);
  if (next.attempt === kept.attempt) return null;
  const { page, seq } = kept;
  return { kept: { ...kept, attempt: next.attempt }, taken: { ...next, page, seq } };
}

/**
 * The step for a message that is repeated after later ones. It includes a check if nothing was announced yet.
 * @param {Attempt} attempt
 * @returns {Step}
 */
function repeatedStep(attempt) {
  const missing = ["failed", "stalled", "launched"].includes(attempt.state) && attempt.announced.length === 0;
  return { attempt, look: !missing ? "none" : attempt.inFlight ? "quiet" : "whole", hide: false };
}
