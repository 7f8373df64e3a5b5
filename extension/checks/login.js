/**
 * The host was told to leave the card alone. If that was only a precaution, the finding must say so.
 * @param {Finding} finding
 * @param {LoginState} login
 * @returns {Finding}
 */
export function explainUntouchedCard(finding, login) {
  if (login !== "unknown" || finding.args?.reason !== "login-in-flight") return finding;
  // Without the host's texts, which speak of a login: ours name the real reason.
  const { code, status, layer } = finding;
  return { code, status, layer, args: { reason: "etax-tab-silent" } };
}
