import { isSymptom } from "../shared/verdict.js";
import { create } from "./dom.js";

/**
 * The other ways to file the return, by the rule of host/ways.
 * @param {Outcome} outcome
 */
export function otherWays({ verdict, findings, host }) {
  const all = host?.otherWays;
  if (!all || (verdict.status === "warning" && !findings.some(isSymptom))) return [];
  const ways = all.groups[all.codes[verdict.code] ?? all.layers[verdict.layer] ?? "machine"] ?? [];
  const left = ways.length > 0 && all.deadline ? [create("p", {}, all.deadline)] : [];
  return [...left, ...ways.flatMap(({ title, needs }) => [create("h3", {}, title), create("p", {}, needs)])];
}
