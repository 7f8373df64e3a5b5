/** @import {Finding, HostReport, WatchEvent} from "../types.d.ts" */
import { classifyLastError } from "../checks/host.js";

/** The name in the host's manifest. */
const HOST = "jp.etax_doctor";

/**
 * How long to wait for the host. hello is the start of a process, which security software may look into first; the
 * host itself ends a diagnosis within 10 seconds.
 */
const DEADLINES = { hello: 5_000, report: 12_000 };

/** A host that could not be used; code is one of host.*, or "interrupted". */
export class HostError extends Error {
  /** @param {string} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * @typedef {{connect?: () => chrome.runtime.Port, lastError?: () => string | undefined, deadlines?: typeof DEADLINES, alone?: typeof alone}} Outside
 */

/**
 * One host at a time is asked, by all pages and the worker; one may watch.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
const alone = (work) => navigator.locks.request("host", { signal: AbortSignal.timeout(DEADLINES.report) }, work);

/** Ends the conversations in which the host may be reading the card. @type {Set<() => void>} */
const reading = new Set();

let begun = 0;

/** How many logins have begun: whoever is about to read the card compares. */
export const loginsBegun = () => begun;

/** A login begins: whoever reads the card stops, with a HostError "interrupted". The host gives the card back. */
export function leaveTheCard() {
  begun++;
  for (const stop of reading) stop();
}

/**
 * Starts the host, asks it one thing, and ends it.
 * @template T
 * @param {{type: string} & Record<string, unknown>} request
 * @param {number} patience for the answer, once the host has said hello
 * @param {(message: any, protocol: number) => {end: T} | "go on" | "garbled"} take what to make of a message after hello
 * @param {Outside} outside
 * @returns {Promise<T>} rejects with a HostError
 */
function ask(request, patience, take, outside) {
  const asked = begun;
  const work = () => {
    // A login has begun while another host was waited for.
    if (request.loginInFlight === false && asked !== begun) throw new HostError("interrupted");
    return converse(request, patience, take, outside);
  };
  return (outside.alone ?? alone)(work).catch((error) => {
    throw error instanceof HostError ? error : new HostError("host.silent");
  });
}

/** @type {typeof ask} */
function converse(request, patience, take, outside) {
  const {
    connect = () => chrome.runtime.connectNative(HOST),
    lastError = () => chrome.runtime.lastError?.message,
    deadlines = DEADLINES,
  } = outside;
  return new Promise((resolve, reject) => {
    const port = connect();
    /** @type {number | undefined} */
    let protocol;
    let timer = setTimeout(() => fail("host.silent"), deadlines.hello);

    const stop = () => fail("interrupted");
    if (request.loginInFlight === false) reading.add(stop);

    function end() {
      reading.delete(stop);
      clearTimeout(timer);
      port.onMessage.removeListener(onMessage);
      port.onDisconnect.removeListener(onDisconnect);
      port.disconnect();
    }

    /** @param {string} code */
    function fail(code) {
      end();
      reject(new HostError(code));
    }

    /** @param {any} message */
    function onMessage(message) {
      if (message?.type === "error") return fail(message.error?.code === "forbidden-origin" ? "host.forbidden" : "host.garbled");
      if (message?.type === "hello") {
        if (protocol !== undefined || !Number.isInteger(message.protocol)) return fail("host.garbled");
        protocol = /** @type {number} */ (message.protocol);
        clearTimeout(timer);
        timer = setTimeout(() => fail("host.silent"), patience);
        port.postMessage({ id: "1", ...request });
        return;
      }
      // Before hello it is no host of ours.
      const taken = protocol === undefined ? "garbled" : take(message, protocol);
      if (taken === "garbled") return fail("host.garbled");
      if (taken === "go on") return;
      end();
      resolve(taken.end);
    }

    function onDisconnect() {
      fail(classifyLastError(lastError()));
    }

    port.onMessage.addListener(onMessage);
    port.onDisconnect.addListener(onDisconnect);
  });
}

/**
 * Lets the host diagnose the machine.
 * @typedef {{protocol: number, findings: Finding[], report: HostReport}} Answer
 * @param {{loginInFlight: boolean, unasked?: boolean, browser?: string, language?: string, symptom?: string}} request
 * @param {(finding: Finding) => void} onFinding
 * @param {Outside} [outside]
 * @returns {Promise<Answer>} rejects with a HostError
 */
export function diagnose(request, onFinding, outside = {}) {
  const same = request.unasked ? JSON.stringify(request) : "";
  if (same && shared?.same === same) {
    return shared.answer.then((answer) => {
      answer.findings.forEach(onFinding);
      return answer;
    });
  }
  const { report } = outside.deadlines ?? DEADLINES;
  const answer = /** @type {Promise<Answer>} */ (ask(
    { type: "diagnose", ...request },
    report,
    (message, protocol) => {
      switch (message?.type) {
        case "finding":
          if (!isFinding(message.finding)) return "garbled";
          onFinding(message.finding);
          return "go on";
        case "report": {
          const { findings, version, simulated, facts, timings } = message.report ?? {};
          if (!Array.isArray(findings) || !findings.every(isFinding)) return "garbled";
          return { end: { protocol, findings, report: { protocol, version, simulated, facts, timings } } };
        }
        default:
          // A newer host may send more than this version knows.
          return message === null ? "garbled" : "go on";
      }
    },
    outside,
  ));
  if (same) {
    shared = { same, answer };
    const over = () => void (shared = null);
    answer.then(over, over);
  }
  return answer;
}

/** The look under way that nobody has asked for. @type {{same: string, answer: Promise<Answer>} | null} */
let shared = null;

/** A person reads the system's question before they answer it. */
const REPAIR_PATIENCE = 130_000;

/**
 * Lets the host do a repair.
 * @param {string} action one of host/PROTOCOL.md
 * @param {Outside} [outside]
 * @returns {Promise<string>} the outcome; rejects with a HostError
 */
export function repair(action, outside = {}) {
  return ask(
    { type: "repair", action },
    REPAIR_PATIENCE,
    (message) => {
      if (message?.type !== "repaired") return "go on";
      return typeof message.outcome === "string" ? { end: message.outcome } : "garbled";
    },
    outside,
  );
}

/**
 * Whether there is a host that answers.
 * @param {Outside} [outside]
 * @returns {Promise<boolean>}
 */
export async function hello(outside = {}) {
  try {
    return await ask({ type: "bye" }, DEADLINES.hello, () => ({ end: true }), outside);
  } catch {
    return false;
  }
}

/**
 * Tells one page what becomes of readers and cards, touching none, until it is stopped or the host ends.
 * @param {string} language
 * @param {(event: WatchEvent) => void} tell
 * @param {() => void} ended the host has gone
 * @returns {() => void} stops it
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
        void chrome.runtime.lastError; // the diagnosis says what is the matter with the host
        release();
        ended();
      });
    });
  });
  return () => stop?.();
}

/**
 * @param {any} f
 * @returns {f is Finding}
 */
function isFinding(f) {
  return (
    [f?.code, f?.status, f?.layer].every((text) => typeof text === "string") &&
    [f.title, f.detail, f.takes].every((text) => text === undefined || typeof text === "string") &&
    [f.steps, f.bring, f.links, f.explainedBy].every((list) => list === undefined || (Array.isArray(list) && list.every((text) => typeof text === "string")))
  );
}
