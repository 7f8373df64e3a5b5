/** The layers whose faults do not count on pages that do not need them, or may not. */
const ASIDE = {
  qr: ["reader", "card", "service", "app", "policy", "security", "extension", "doctor"],
  corporate: ["app", "policy", "extension"],
};

/** @param {BrowserFacts} facts */
const doorOf = ({ page, attempt }) => (page?.page === "qr" || (page?.page === "corporate" && attempt.state === "idle") ? page.page : undefined);

/**
 * The findings at the door that the person has chosen: where a phone reads the card, this computer's reader, bridge and app
 * are no fault; what a corporate login needs of them is not known, before it has started the bridge.
 * @type {DoorJudge}
 */
export const atDoor = (facts, findings, catalog) => {
  const door = doorOf(facts);
  if (!door) return findings;
  const isAside = (/** @type {Finding} */ f) => ASIDE[door].includes(f.layer) && ["failure", "warning"].includes(f.status);
  return [...findings.filter((f) => !isAside(f)), catalog.finding(`session.${door}`, "info")];
};

/**
 * The door's own finding answers where there is no fault, and no message of the page. A corporate login may also be one
 * without a card: then no fault on the way to the card is one.
 * @param {BrowserFacts} facts
 * @param {{verdict: Finding, findings: Finding[]}} judged
 */
export function answerAtDoor(facts, { verdict, findings }) {
  const door = doorOf(facts);
  const isFault = ["failure", "warning"].includes(verdict.status);
  const card = ["reader", "card", "certificate", "service"].includes(verdict.layer);
  const own = findings.find((f) => f.code === `session.${door}`);
  return own && (!isFault || (door === "corporate" && card && !findings.some((f) => f.code.startsWith("symptom.")))) ? own : verdict;
}
