/** @import {Finding, LoginState} from "../types.d.ts" */

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
