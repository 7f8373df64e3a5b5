import { isSymptom } from "../shared/verdict.js";

/** The ways that need nothing of this computer, by their texts (way_*): without a host, they fit what can be found. */
const WITHOUT_HOST = ["phone", "phone_certificate", "id_password", "paper"];
const LAYERS_WITHOUT_HOST = ["doctor", "extension", "browser"];

/**
 * The other ways to file the return, by the rule of host/ways, and how many days are left.
 * @type {OtherWaysOf}
 */
export const otherWays = ({ verdict, findings, host }, texts) => {
  if (!host && LAYERS_WITHOUT_HOST.includes(verdict.layer)) {
    return { ways: WITHOUT_HOST.map((way) => ({ title: texts.text(`way_${way}_title`), needs: texts.text(`way_${way}_needs`) })), deadline: "" };
  }
  const all = host?.otherWays;
  const named = all?.codes[verdict.code];
  const none = !all || (verdict.status === "warning" && named === undefined && !findings.some(isSymptom));
  const ways = none ? [] : (all.groups[named ?? all.layers[verdict.layer] ?? "machine"] ?? []);
  return { ways, deadline: (ways.length > 0 && all?.deadline) || "" };
};
