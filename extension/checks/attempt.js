/**
 * One login attempt in one tab, as a state machine, which README.md draws. From launch to answer (inFlight) the bridge talks
 * to the card, and we must not touch it. Meanwhile the machine is checked several times, without the card: the person may
 * only be typing a PIN. Other launches keep the card busy too: see background/flights.js.
 * @type {Attempt}
 */
export const IDLE = { state: "idle", inFlight: false, look: 0, seen: [], announced: [] };

/** @type {StepOf<AttemptEvent>} */
export const step = (attempt, event, deadlines) => {
  switch (event.kind) {
    case "press":
      // A second press while the bridge works changes nothing.
      if (attempt.inFlight) return unchanged(attempt);
      return { attempt: { ...IDLE, state: "pressed", pressed: true }, after: event.page ? null : deadlines.launch, look: "none", hide: true };
    case "launch": {
      const before = attempt.state === "pressed" ? attempt : { ...IDLE, ...(attempt.state === "idle" && { pressed: attempt.pressed }) };
      return { attempt: { ...before, state: "launched", inFlight: true, look: 0 }, after: deadlines.looks[0], look: "none", hide: true };
    }
    case "busy":
    case "done":
    case "left":
      return unchanged(attempt);
    case "answer":
      return onAnswer(attempt, event, deadlines);
    case "deadline":
      return onDeadline(attempt, deadlines);
    case "texts":
      return onTexts(attempt, event.texts);
    case "page":
      return onPage(attempt, event, deadlines);
  }
};

/** Nothing changes, the deadline included. @param {Attempt} attempt @returns {Step} */
function unchanged(attempt) {
  return { attempt, look: "none", hide: false };
}

/** @param {Attempt} attempt @param {Symptom[]} symptoms */
function withSymptoms(attempt, symptoms) {
  const known = new Set(attempt.seen.map((s) => s.code));
  return [...attempt.seen, ...symptoms.filter((s) => !known.has(s.code))];
}

/**
 * @param {Attempt} attempt
 * @param {"failed" | "stalled"} state
 * @param {Symptom[]} symptoms
 * @returns {Step}
 */
function endAttempt(attempt, state, symptoms) {
  const next = { ...attempt, state, inFlight: false, seen: withSymptoms(attempt, symptoms) };
  return { attempt: next, after: null, look: "whole", hide: false };
}

/** The bridge's error codes for "the app does not answer" (from its shipped code). */
const NO_ANSWER = /^E[WM]044-C300$/;

/** @type {StepOf<Extract<AttemptEvent, {kind: "answer"}>>} */
const onAnswer = (attempt, { result, errcode }, deadlines) => {
  if (!attempt.inFlight) return unchanged(attempt);
  // An unreadable answer is no failure yet: the next page decides.
  if (result === "0" || (result === "" && errcode === "")) {
    return { attempt: { ...attempt, state: "answered", inFlight: false }, after: deadlines.nextPage, look: "none", hide: true };
  }
  if (NO_ANSWER.test(errcode)) return endAttempt(attempt, "failed", [{ code: "symptom.app-no-answer", args: { errcode } }]);
  return endAttempt(attempt, "failed", [{ code: "symptom.error-code", args: { errcode } }]);
};

/** @param {Attempt} attempt @param {Deadlines} deadlines @returns {Step} */
function onDeadline(attempt, deadlines) {
  switch (attempt.state) {
    case "pressed":
      return endAttempt(attempt, "stalled", [{ code: "symptom.click-ignored" }]);
    case "answered":
      return endAttempt(attempt, "stalled", [{ code: "symptom.stalled" }]);
    case "launched": {
      const look = attempt.look + 1;
      if (look < deadlines.looks.length) return { attempt: { ...attempt, look }, after: deadlines.looks[look], look: "quiet", hide: false };
      const seen = withSymptoms(attempt, [{ code: "symptom.freeze-before-pin" }]);
      return { attempt: { ...attempt, state: "stalled", look, seen }, after: null, look: "quiet", hide: false };
    }
    default:
      return unchanged(attempt);
  }
}

/** @param {PageText["when"]} when */
const meansTrouble = (when) => when === "trouble" || when === "anywhere";

/** @param {PageText} text @returns {Symptom} */
export const symptomOf = ({ code, text, until }) => ({ code, args: { errcode: text, ...(until && { until }) } });

/** On a page that works, the same words may be a notice. @param {PageKind | undefined} page */
export const works = (page) => ["login", "logged-in", "corporate", "choice", "form"].includes(page ?? "");

/**
 * Texts that the page shows. Those that mean trouble count at once; the others only during or after an attempt.
 * @param {Attempt} attempt
 * @param {PageText[]} texts
 * @returns {Step}
 */
function onTexts(attempt, texts) {
  const counted = texts.filter(
    ({ when }) => meansTrouble(when) || (!["idle", "accepted"].includes(attempt.state) && (!when || (when === "answer" && attempt.state === "answered"))),
  );
  const symptoms = counted.map(symptomOf);
  if (withSymptoms(attempt, symptoms).length === attempt.seen.length) return unchanged(attempt);
  if (attempt.inFlight) return { attempt: { ...attempt, seen: withSymptoms(attempt, symptoms) }, look: "quiet", hide: false };
  return endAttempt(attempt, "failed", symptoms);
}

/** The texts of a page that mean trouble without an attempt. @param {{page: PageKind, texts: PageText[]}} event */
export const troubles = ({ page, texts }) => texts.filter((t) => t.when === "anywhere" || (t.when === "trouble" && !works(page)));

/**
 * A page was loaded, or came from the back/forward cache. The old page's deadline is over.
 * @type {StepOf<Extract<AttemptEvent, {kind: "page"}>>}
 */
const onPage = (attempt, event, deadlines) => {
  const { page, texts } = event;
  const trouble = troubles(event);
  const waiting = attempt.state === "answered";
  if (trouble.length > 0) return onTexts({ ...IDLE, announced: attempt.announced }, trouble);
  const accepted = { attempt: { ...IDLE, state: /** @type {const} */ ("accepted") }, after: null, look: /** @type {const} */ ("none"), hide: true };
  if (page === "logged-in") return accepted;
  if (waiting && page === "form") return accepted;
  if (waiting && (page === "step" || page === "choice")) {
    const told = onTexts(attempt, texts);
    return told.attempt === attempt ? accepted : told;
  }
  if (waiting && page === "number") return endAttempt(attempt, "failed", [{ code: "symptom.number-asked" }]);
  if (waiting && page === "login") return endAttempt(attempt, "failed", [{ code: "symptom.authentication-error" }]);
  // Pages that only redirect may come between the answer and my page.
  if (waiting) return { after: deadlines.nextPage, ...onTexts(attempt, texts) };
  // The site's error page came before our banner: keep the failure across this one page.
  if (attempt.state === "failed" && attempt.announced.length === 0 && !attempt.carried) {
    return { attempt: { ...attempt, carried: true }, after: null, look: "whole", hide: false };
  }
  // The pressed button may have led here.
  return { attempt: attempt.state === "pressed" ? { ...IDLE, pressed: true } : IDLE, after: null, look: "none", hide: true };
};
