const HOST = "jp.etax_doctor";

/** How long to wait for the host, in milliseconds: hello may include a scan by security software; a diagnosis ends before. */
const DEADLINES = { hello: 5_000, report: 12_000 };

/** The host could not be used; code is a host.* code or "interrupted". */
export class HostError extends Error {
  /** @param {string} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * How Chrome's error texts for native hosts begin: in English in every language (measured). Others count as an exit.
 * @type {[string, string][]}
 */
const LAST_ERRORS = [
  ["Specified native messaging host not found", "host.not-found"],
  ["Access to the specified native messaging host is forbidden", "host.forbidden"],
  ["Access to the native messaging host was disabled", "host.blocked-by-policy"],
  ["Error when communicating", "host.garbled"],
];

/** @param {string | undefined} lastError the text of chrome.runtime.lastError @returns {string} a host.* code */
export function classifyLastError(lastError) {
  return LAST_ERRORS.find(([text]) => lastError?.startsWith(text))?.[1] ?? "host.exited";
}

/** What ends the requests that may read the card. @type {Set<() => void>} */
const stopCardReads = new Set();

let begun = 0;

/** How many logins have begun. */
export const loginsBegun = () => begun;

/** Ends all card readings when a login begins: the hosts release the card, and requests fail as "interrupted". */
export function abortCardReads() {
  begun++;
  for (const stop of stopCardReads) stop();
}

/**
 * Starts the host, sends one request, and ends it after the answer, under a lock: our pages and the worker use one at a time.
 * It starts while the request is prepared.
 * @template T
 * @param {Promise<MakeRequest>} prepared makes the request at the moment when it is sent: a login may begin in every wait
 * @param {number} timeout for the answer, in milliseconds
 * @param {(message: any, protocol: number) => {end: T} | "go on" | "garbled"} take handles each message after the hello
 * @returns {Promise<T>} rejects with a HostError
 */
function ask(prepared, timeout, take) {
  prepared.catch(() => {}); // it may fail while this waits for the lock
  return navigator.locks.request("host", { signal: AbortSignal.timeout(DEADLINES.report) }, () => exchange(prepared, timeout, take)).catch((error) => {
    throw error instanceof HostError ? error : new HostError("host.silent");
  });
}

/** @type {typeof ask} */
function exchange(prepared, timeout, take) {
  return new Promise((resolve, reject) => {
    const port = chrome.runtime.connectNative(HOST);
    /** @type {number | undefined} */
    let protocol;
    let greeted = false;
    let ended = false;
    const stop = () => fail("interrupted");
    const silent = () => fail("host.silent");
    let timer = setTimeout(silent, DEADLINES.hello);
    prepared.catch(silent);

    function end() {
      ended = true;
      stopCardReads.delete(stop);
      clearTimeout(timer);
      port.disconnect();
    }

    /** @param {string} code */
    function fail(code) {
      if (ended) return;
      end();
      reject(new HostError(code));
    }

    /** @param {MakeRequest} make */
    function send(make) {
      if (ended) return;
      const request = make();
      if (request.loginInFlight === false) stopCardReads.add(stop);
      clearTimeout(timer);
      timer = setTimeout(silent, timeout);
      port.postMessage({ id: "1", ...request });
    }

    port.onMessage.addListener((/** @type {any} */ message) => {
      if (ended) return;
      if (message?.type === "error") return fail(message.error?.code === "forbidden-origin" ? "host.forbidden" : "host.garbled");
      if (message?.type === "hello") {
        if (protocol !== undefined || !Number.isInteger(message.protocol)) return fail("host.garbled");
        protocol = /** @type {number} */ (message.protocol);
        greeted = true;
        clearTimeout(timer);
        timer = setTimeout(silent, timeout); // for the preparation
        prepared.then(send).catch(silent);
        return;
      }
      greeted = false;
      const taken = protocol === undefined ? "garbled" : take(message, protocol);
      if (taken === "garbled") return fail("host.garbled");
      if (taken === "go on") return;
      end();
      resolve(taken.end);
    });
    port.onDisconnect.addListener(() => {
      const code = classifyLastError(chrome.runtime.lastError?.message);
      // After the hello, an error of communication is a write to a host that ended.
      fail(greeted ? "host.exited" : code);
    });
  });
}

/**
 * @param {Promise<MakeDiagnose>} prepared
 * @param {OnFinding} onProgress gets the code, status and layer of each finding before the report
 * @returns {Promise<HostAnswer>} rejects with a HostError
 */
export function diagnose(prepared, onProgress) {
  return ask(
    prepared.then((make) => () => ({ type: "diagnose", ...make() })),
    DEADLINES.report,
    (message, protocol) => {
      switch (message?.type) {
        case "finding":
          if (!isFinding(message.finding)) return "garbled";
          onProgress(message.finding);
          return "go on";
        case "report": {
          const { findings, version, simulated, facts, timings, otherWays } = message.report ?? {};
          if (!Array.isArray(findings) || !findings.every(isFinding)) return "garbled";
          return { end: { protocol, findings, report: { protocol, version, simulated, facts, timings, ...(otherWays && { otherWays }) }, ...(message.field && { field: message.field }) } };
        }
        default:
          // A newer host may send more than this version knows.
          return message === null ? "garbled" : "go on";
      }
    },
  );
}

/** The running automatic diagnosis. @type {{same: string, answer: Promise<HostAnswer>} | null} */
let shared = null;

/**
 * A diagnosis that nobody has asked for: equal ones that run at the same time are one.
 * @param {MakeDiagnose} make
 * @param {OnFinding} onProgress
 */
export function look(make, onProgress) {
  const same = JSON.stringify([make(), begun]);
  if (shared?.same !== same) {
    const answer = diagnose(Promise.resolve(make), onProgress);
    const over = () => void (shared?.answer === answer && (shared = null));
    answer.then(over, over);
    shared = { same, answer };
  }
  return shared.answer;
}

/** A repair waits for the person's answer to the system's dialog. In milliseconds. */
const REPAIR_TIMEOUT = 130_000;

/**
 * @param {string} action one of host/PROTOCOL.md
 * @returns {Promise<string>} the outcome; rejects with a HostError
 */
export function repair(action) {
  return ask(
    Promise.resolve(() => ({ type: "repair", action })),
    REPAIR_TIMEOUT,
    (message) => {
      if (message?.type !== "repaired") return "go on";
      return typeof message.outcome === "string" ? { end: message.outcome } : "garbled";
    },
  );
}

/** Whether there is a host that answers. @returns {Promise<boolean>} */
export const hello = () => ask(Promise.resolve(() => ({ type: "bye" })), DEADLINES.hello, () => ({ end: true })).catch(() => false);

/**
 * Watches readers and cards for one page, without touching a card, until it is stopped or the host ends.
 * @param {string} language
 * @param {(event: WatchEvent) => void} tell
 * @param {() => void} ended when the host ends, or another page watches
 * @returns {() => void} stops the watch
 */
export function watch(language, tell, ended) {
  /** @type {(() => void) | undefined} */
  let stop;
  void navigator.locks.request("watch", { ifAvailable: true }, (lock) => {
    if (!lock) return ended();
    return new Promise((/** @type {(value?: undefined) => void} */ release) => {
      const port = chrome.runtime.connectNative(HOST);
      stop = () => {
        port.disconnect();
        release();
      };
      port.onMessage.addListener((/** @type {any} */ message) => {
        if (message?.type === "hello") port.postMessage({ type: "watch", id: "1", language });
        if (message?.type === "event" && typeof message.event?.kind === "string") tell(message.event);
      });
      port.onDisconnect.addListener(() => {
        void chrome.runtime.lastError; // read, or Chrome logs it
        release();
        ended();
      });
    });
  });
  return () => stop?.();
}

/** @param {any} f @returns {f is Finding} */
function isFinding(f) {
  return (
    [f?.code, f?.status, f?.layer].every(isText) &&
    [f.title, f.detail, f.takes, f.about, f.repair].every((text) => text === undefined || isText(text)) &&
    [f.steps, f.bring, f.links, f.explains, f.explainedBy, f.worseWith].every((list) => list === undefined || (Array.isArray(list) && list.every(isText)))
  );
}

/** @param {unknown} text */
const isText = (text) => typeof text === "string";
