import { isSymptom } from "../shared/verdict.js";

/**
 * The other ways to file the return, by the rule of host/ways, and how many days are left.
 * @param {Pick<Outcome, "verdict" | "findings" | "host">} outcome
 * @returns {{ways: {title: string, needs: string}[], deadline: string}}
 */
export function otherWays({ verdict, findings, host }) {
  const all = host?.otherWays;
  const named = all?.codes[verdict.code];
  const none = !all || (verdict.status === "warning" && named === undefined && !findings.some(isSymptom));
  const ways = none ? [] : (all.groups[named ?? all.layers[verdict.layer] ?? "machine"] ?? []);
  return { ways, deadline: (ways.length > 0 && all?.deadline) || "" };
}
