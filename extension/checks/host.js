/** @import {Finding} from "../types.d.ts" */
/** @import {Catalog} from "./catalog.js" */

/** The version of the messages in host/PROTOCOL.md that this extension speaks. */
export const PROTOCOL = 1;

/**
 * What Chrome says of a native host, by prefix: the texts are English in every language of the browser. Sources and
 * measurements are in the project's browser reference; anything else counts as an exit.
 * @type {[string, string][]}
 */
const LAST_ERRORS = [
  ["Specified native messaging host not found", "host.not-found"],
  ["Access to the specified native messaging host is forbidden", "host.forbidden"],
  ["Access to the native messaging host was disabled by the system administrator", "host.blocked-by-policy"],
  ["Native host has exited", "host.exited"],
  ["Failed to start native messaging host", "host.exited"],
  ["Error when communicating with the native messaging host", "host.garbled"],
];

/**
 * @param {string | undefined} lastError the text of chrome.runtime.lastError
 * @returns {string} a host.* code
 */
export function classifyLastError(lastError) {
  return LAST_ERRORS.find(([text]) => lastError?.startsWith(text))?.[1] ?? "host.exited";
}

/** What the host would have judged, had it answered: one code for each of its layers. */
const HOST_SIDE = [
  "service.ready",
  "system.supported",
  "reader.ready",
  "card.ready",
  "certificate.valid",
  "pin.ready",
  "app.ready",
  "policy.clear",
  "security.clear",
];

/**
 * The findings for a host that could not be used: the fault, and all that was not judged because of it. A host that
 * breaks off has said something of some layers already.
 * @param {string} code a host.* code
 * @param {Finding[]} known what the host has said
 * @param {{id: string, os: string}} own our extension's id, which a "forbidden" has to name, and the browser's word for the system
 * @param {Catalog} catalog
 * @returns {Finding[]}
 */
export function judgeMissingHost(code, known, { id, os }, catalog) {
  const layers = new Set(known.map((f) => f.layer));
  return [
    catalog.finding(code, "failure", { id, os }),
    ...HOST_SIDE.map((c) => ({ ...catalog.finding(c, "skipped", { id }), skippedBecause: code })).filter((f) => !layers.has(f.layer)),
  ];
}

/**
 * @param {number} protocol the version that the host's hello names
 * @param {Catalog} catalog
 * @returns {Finding[]}
 */
export function judgeSkew(protocol, catalog) {
  if (protocol < PROTOCOL) return [catalog.finding("host.outdated", "warning")];
  if (protocol > PROTOCOL) return [catalog.finding("extension.outdated", "warning")];
  return [];
}
