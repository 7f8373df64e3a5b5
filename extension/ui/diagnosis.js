/** How long a check may take, in milliseconds, whatever the host does. */
const CHECK_DEADLINE = 15_000;

/** A check by the worker; what it says is kept until it is drawn. */
export class Diagnosis {
  /** @param {Omit<DiagnosisRequest, "type">} request */
  constructor(request) {
    this.tabId = request.tabId;
    /** The browser's side. @type {Finding[]} */
    this.findings = [];
    /** The host's: codes and statuses. @type {Finding[]} */
    this.progress = [];
    this.onArrival = () => {};
    /** null: worker or host did not end it. @type {Promise<Outcome | null>} */
    this.outcome = new Promise((resolve) => {
      const port = chrome.runtime.connect(chrome.runtime.id, { name: "diagnosis" });
      const deadline = setTimeout(() => end(null), CHECK_DEADLINE);
      /** @param {Outcome | null} outcome */
      const end = (outcome) => {
        clearTimeout(deadline);
        port.disconnect();
        resolve(outcome);
      };
      port.onMessage.addListener((/** @type {DiagnosisEvent} */ event) => {
        if (event.type === "done") return end(event);
        (event.type === "finding" ? this.findings : this.progress).push(event.finding);
        this.onArrival();
      });
      port.onDisconnect.addListener(() => end(null));
      port.postMessage({ type: "diagnose", ...request });
    });
  }
}

/** The tab to check: the one in the address, else the active one. */
async function shownTab() {
  const named = Number(new URLSearchParams(location.search).get("tab"));
  if (named) return named;
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
  return tab?.id ?? -1;
}

/** Begins before the page is loaded. Nobody has asked for it if the browser restored a hidden page. */
export const firstCheck = shownTab().then((tabId) => new Diagnosis({ tabId, unasked: document.hidden && document.body.className === "full" }));
