// Tells the worker what the page did, in a few words, and does what it answers: waits for a deadline, shows or hides the
// banner.

/** @import {AttemptEvent, PageAnswer} from "../types.d.ts" */

/* exported etaxDoctorTell */
const etaxDoctorTell = (() => {
  /** This load of the page, and the number of its last message: the worker may get the same message twice. */
  let page = String(Math.random());
  let seq = 0;
  /** The number of the message whose answer set the deadline: answers may overtake each other. */
  let answeredSeq = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let deadline;

  /** How long to wait before each attempt to reach the worker, in milliseconds. */
  const RETRY_DELAYS = [0, 100, 500, 2500];

  /**
   * Asks the worker. It may be stopped in the middle of its work, or not listen yet when the browser has only just
   * started; then it is asked again. An extension that was removed or updated has no worker for this script any more.
   * @param {unknown} message
   */
  async function ask(message) {
    for (const delay of RETRY_DELAYS) {
      if (delay > 0) await new Promise((done) => setTimeout(done, delay));
      if (!chrome.runtime?.id) return undefined;
      try {
        const answer = await chrome.runtime.sendMessage(message);
        if (answer !== undefined) return answer;
      } catch {
        continue;
      }
    }
    return undefined;
  }

  /** @param {AttemptEvent} event */
  async function tell(event) {
    const n = ++seq;
    // Whether a login is in flight is read when the message is sent, not when it is made.
    const message = { type: "page-event", page, seq: n, event, get inFlight() { return globalThis.etaxDoctorInFlight; } };
    /** @type {PageAnswer | undefined} */
    const answer = await ask(message);
    if (!answer) return;
    if (answer.after !== undefined && n > answeredSeq) {
      answeredSeq = n;
      dropDeadline();
      if (answer.after !== null) deadline = setTimeout(() => void tell({ kind: "deadline" }), answer.after);
    }
    if (answer.banner === "hide") globalThis.etaxDoctorBanner?.hide();
    else if (answer.banner) globalThis.etaxDoctorBanner?.show(answer.banner, () => void ask({ type: "open-report" }));
  }

  function dropDeadline() {
    clearTimeout(deadline);
  }

  /** The browser has taken the page from its memory: for the worker it is a new one. */
  function newPage() {
    page = String(Math.random());
  }

  return { tell, dropDeadline, newPage };
})();
