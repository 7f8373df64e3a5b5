/** @import {Finding, Status} from "../types.d.ts" */
/** @import {Texts} from "./texts.js" */

/** The stations between the card and e-Tax, and the layers that each stands for. */
export const NODES = [
  { name: "card", layers: ["card", "certificate"] },
  { name: "reader", layers: ["reader"] },
  { name: "computer", layers: ["service", "system"] },
  { name: "app", layers: ["app", "policy", "security"] },
  { name: "extension", layers: ["extension"] },
  { name: "page", layers: ["browser", "session"] },
  { name: "etax", layers: ["account"] },
];

/** @type {Status[]} */
const WORST_FIRST = ["failure", "warning", "unknown", "skipped", "ok", "info"];

const SIGNS = { ok: "✓", info: "✓", warning: "!", failure: "✕", skipped: "–", unknown: "?", pending: "…", unchecked: "–" };

/**
 * The state of a station: the worst of its findings; without any, "pending" while the check runs and "unchecked" after.
 * @param {string[]} layers
 * @param {Finding[]} findings
 * @param {boolean} running
 * @returns {keyof typeof SIGNS}
 */
export function stateOf(layers, findings, running) {
  const statuses = new Set(findings.filter((f) => layers.includes(f.layer)).map((f) => f.status));
  return WORST_FIRST.find((s) => statuses.has(s)) ?? (running ? "pending" : "unchecked");
}

/**
 * Draws the way into an ordered list, marking the station of the verdict as the broken one.
 * @param {HTMLElement} list
 * @param {Finding[]} findings
 * @param {Finding | null} verdict null while the check runs
 * @param {Texts} texts
 */
export function drawWay(list, findings, verdict, texts) {
  list.replaceChildren(
    ...NODES.map(({ name, layers }) => {
      const state = stateOf(layers, findings, verdict === null);
      const item = document.createElement("li");
      item.className = `node ${state}`;
      item.dataset.node = name;
      item.dataset.state = state;
      if (verdict?.status === "failure" && layers.includes(verdict.layer)) item.classList.add("broken");
      const sign = document.createElement("span");
      sign.className = "sign";
      sign.setAttribute("aria-hidden", "true");
      sign.textContent = SIGNS[state];
      const label = document.createElement("span");
      label.className = "label";
      label.textContent = texts.text(`node_${name}`);
      const spoken = document.createElement("span");
      spoken.className = "spoken";
      spoken.textContent = `: ${texts.text(item.classList.contains("broken") ? "state_broken" : `state_${state}`)}`;
      item.append(sign, label, spoken);
      return item;
    }),
  );
}
