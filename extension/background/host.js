/** @import {Finding} from "../types.d.ts" */
import { classifyLastError } from "../checks/host.js";

/** The name in the host's manifest. */
export const HOST = "jp.etax_doctor";

/**
 * How long to wait for the host. hello is the start of a process, which security software may look into first; the
 * host itself ends a diagnosis within 10 seconds.
 */
export const DEADLINES = { hello: 5_000, report: 12_000 };

/** A host that could not be used; code is one of host.*. */
export class HostError extends Error {
  /** @param {string} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

/**
 * Starts the host, lets it diagnose the machine, and ends it.
 * @param {{loginInFlight: boolean, browser?: string}} request
 * @param {(finding: Finding) => void} onFinding
 * @param {{connect?: () => chrome.runtime.Port, lastError?: () => string | undefined, deadlines?: typeof DEADLINES}} [outside]
 * @returns {Promise<{protocol: number, findings: Finding[]}>} rejects with a HostError
 */
export function diagnose(request, onFinding, outside = {}) {
  const {
    connect = () => chrome.runtime.connectNative(HOST),
    lastError = () => chrome.runtime.lastError?.message,
    deadlines = DEADLINES,
  } = outside;
  return new Promise((resolve, reject) => {
    const port = connect();
    const id = "1";
    /** @type {number | undefined} */
    let protocol;
    let timer = setTimeout(() => end(new HostError("host.silent")), deadlines.hello);

    /** @param {HostError | {protocol: number, findings: Finding[]}} result */
    function end(result) {
      clearTimeout(timer);
      port.onMessage.removeListener(onMessage);
      port.onDisconnect.removeListener(onDisconnect);
      port.disconnect();
      if (result instanceof HostError) reject(result);
      else resolve(result);
    }

    /** @param {any} message */
    function onMessage(message) {
      switch (message?.type) {
        case "hello":
          if (protocol !== undefined || !Number.isInteger(message.protocol)) return end(new HostError("host.garbled"));
          protocol = message.protocol;
          clearTimeout(timer);
          timer = setTimeout(() => end(new HostError("host.silent")), deadlines.report);
          port.postMessage({ type: "diagnose", id, ...request });
          return;
        case "finding":
          if (protocol === undefined || !isFinding(message.finding)) return end(new HostError("host.garbled"));
          onFinding(message.finding);
          return;
        case "report": {
          const findings = message.report?.findings;
          if (protocol === undefined || !Array.isArray(findings) || !findings.every(isFinding)) {
            return end(new HostError("host.garbled"));
          }
          return end({ protocol, findings });
        }
        case "progress":
          return;
        case "error":
          return end(new HostError(message.error?.code === "forbidden-origin" ? "host.forbidden" : "host.garbled"));
        default:
          // A newer host may send more than this version knows; before hello it is no host of ours.
          if (protocol === undefined) end(new HostError("host.garbled"));
      }
    }

    function onDisconnect() {
      end(new HostError(classifyLastError(lastError())));
    }

    port.onMessage.addListener(onMessage);
    port.onDisconnect.addListener(onDisconnect);
  });
}

/**
 * @param {any} f
 * @returns {f is Finding}
 */
function isFinding(f) {
  return typeof f?.code === "string" && typeof f.status === "string" && typeof f.layer === "string";
}
