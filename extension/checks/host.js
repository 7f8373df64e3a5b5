/** @import {Finding} from "../types.d.ts" */
/** @import {Catalog} from "../shared/catalog.js" */

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

/**
 * The findings for a host that could not be used: the fault, and all that was not judged because of it.
 * @param {string} code a host.* code
 * @param {{id: string, os: string}} own our extension's id, which a "forbidden" has to name, and the browser's word for the system
 * @param {Catalog} catalog
 * @returns {Finding[]}
 */
export function judgeMissingHost(code, { id, os }, catalog) {
  return [
    catalog.finding(code, "failure", { id, os }),
    ...catalog.hostSide.map((fine) => ({ ...catalog.finding(fine, "skipped", { id }), skippedBecause: code })),
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
