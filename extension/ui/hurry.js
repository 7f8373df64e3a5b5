import { isSymptom } from "../shared/verdict.js";
import { create } from "./dom.js";

/**
 * The other ways to file the return that fit a verdict, by the rule of host/ways.
 * @param {Finding} verdict
 * @param {OtherWays | undefined} all
 */
export function otherWays(verdict, all) {
  if (!all || (verdict.status === "warning" && !isSymptom(verdict))) return [];
  const ways = all.groups[all.codes[verdict.code] ?? all.layers[verdict.layer] ?? "machine"] ?? [];
  const left = ways.length > 0 && all.deadline ? [create("p", {}, all.deadline)] : [];
  return [...left, ...ways.flatMap(({ title, needs }) => [create("h3", {}, title), create("p", {}, needs)])];
}
