// Tells the worker what the page did, and does what it answers: waits for a deadline, shows or hides the banner.

/* exported etaxDoctorTell */
globalThis.etaxDoctorForeign = [...location.ancestorOrigins].some((origin) => {
  const { protocol, hostname } = new URL(origin);
  const ours = etaxDoctorWords.hosts.some((host) => `.${hostname}`.endsWith(`.${host}`));
  return origin !== location.origin && !(ours && protocol === "https:");
});

const etaxDoctorTell = (() => {
  /** The id of this page load, and the number of the last message: the worker may get a message twice. */
  let page = String(Math.random());
  let loaded = performance.timeOrigin;
  let seq = 0;
  /** The number of the message whose answer set the deadline: answers may come out of order. */
  let answeredSeq = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let deadline;

  /** How long to wait before each attempt to reach the worker, in milliseconds. */
  const RETRY_DELAYS = [0, 100, 500, 2500];
  /** Over when a message is repeated. Others wait for it, or it would count as old. @type {Promise<void> | undefined} */
  let pause;

  /**
   * Asks the worker, and asks again if it was stopped at work, or does not listen yet after the browser's start.
   * @param {unknown} message
   */
  async function ask(message) {
    for (const delay of RETRY_DELAYS) {
      if (delay > 0) {
        await (pause = new Promise((done) => setTimeout(done, delay)));
        pause = undefined;
      }
      if (!chrome.runtime?.id) return;
      const answer = await chrome.runtime.sendMessage(message).catch(() => undefined);
      if (answer !== undefined) return answer;
    }
  }

  /** @param {AttemptEvent} event */
  async function tell(event) {
    while (pause && !["launch", "busy", "left"].includes(event.kind)) await pause;
    const n = ++seq;
    // inFlight is read each time the message is sent.
    const message = { type: "page-event", page, loaded, sent: Date.now(), foreign: etaxDoctorForeign, seq: n, event, get inFlight() { return globalThis.etaxDoctorInFlight; } };
    /** @type {PageAnswer | undefined} */
    const answer = await ask(message);
    if (!answer) return;
    if (answer.after !== undefined && n > answeredSeq) {
      answeredSeq = n;
      dropDeadline();
      if (answer.after !== null) deadline = setTimeout(() => void tell({ kind: "deadline" }), answer.after);
    }
    drawBanner(answer.banner);
  }

  /** @param {PageAnswer["banner"]} banner */
  function drawBanner(banner) {
    if (banner === "hide") globalThis.etaxDoctorBanner?.hide();
    else if (banner) globalThis.etaxDoctorBanner?.show(banner, () => void ask({ type: "open-report" }));
  }

  function dropDeadline() {
    clearTimeout(deadline);
  }

  /** For the worker, a page from the back/forward cache is a new one. */
  function newPage() {
    page = String(Math.random());
    loaded = Date.now();
  }

  return { tell, dropDeadline, newPage, drawBanner };
})();
