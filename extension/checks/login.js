/** @import {Finding, LoginState, PageFacts} from "../types.d.ts" */

/**
 * Whether any e-Tax page is in the middle of a login. A page that does not answer may be.
 * @param {(PageFacts | null)[]} pages
 * @returns {LoginState}
 */
export function loginState(pages) {
  if (pages.some((page) => page?.loginInFlight)) return "in-flight";
  return pages.includes(null) ? "unknown" : "none";
}

/**
 * The host was told to leave the card alone. Where that was only a precaution, its finding has to say so.
 * @param {Finding} finding
 * @param {LoginState} login
 * @returns {Finding}
 */
export function explainUntouchedCard(finding, login) {
  if (login !== "unknown" || finding.args?.reason !== "login-in-flight") return finding;
  // Its texts speak of a login; the extension's own say what is the matter.
  const { code, status, layer } = finding;
  return { code, status, layer, args: { reason: "etax-tab-silent" } };
}
