/** The version of host/PROTOCOL.md that this extension speaks. */
export const PROTOCOL = 1;

/**
 * The findings for a host that could not be used: the fault, and all that was not judged because of it.
 * @param {string} code a host.* code
 * @param {{id: string, os: string}} own our extension's id, for the text of host.forbidden, and Chrome's name of the system
 * @param {Catalog} catalog
 * @returns {Finding[]}
 */
export function judgeMissingHost(code, { id, os }, catalog) {
  return [
    catalog.finding(code, "failure", { id, os }),
    ...catalog.hostSide.map((fine) => ({ ...catalog.finding(fine, "skipped", { id }), skippedBecause: code })),
  ];
}

/** @param {number} protocol the version that the host's hello names @param {Catalog} catalog @returns {Finding[]} */
export function judgeSkew(protocol, catalog) {
  if (protocol < PROTOCOL) return [catalog.finding("host.outdated", "warning")];
  if (protocol > PROTOCOL) return [catalog.finding("extension.outdated", "warning")];
  return [];
}
