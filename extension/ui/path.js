import { WORST_FIRST, shown } from "../shared/verdict.js";
import { create } from "./dom.js";

export const SIGNS = { ok: "✓", info: "✓", warning: "!", failure: "✕", skipped: "–", unknown: "?", pending: "…", unchecked: "–" };

/**
 * The state of a station: the worst of its findings; without any, "pending" while the check runs and "unchecked" after.
 * @param {string[]} layers
 * @param {Finding[]} findings
 * @param {boolean} running
 * @returns {keyof typeof SIGNS}
 */
export function stateOf(layers, findings, running) {
  const statuses = new Set(shown(findings).filter((f) => layers.includes(f.layer)).map((f) => f.status));
  return WORST_FIRST.find((s) => statuses.has(s)) ?? (running ? "pending" : "unchecked");
}

/** Draws the stations from the card to e-Tax, and marks the verdict's station as broken. @type {DrawPath} */
export const drawPath = (list, findings, verdict, catalog, texts) => {
  list.replaceChildren(
    ...catalog.stations.map(({ name, layers }) => {
      // As the verdict, a symptom is a warning at the place that it speaks of.
      const state = stateOf(layers, verdict ? [...findings, verdict] : findings, verdict === null);
      const broken = verdict?.status === "failure" && layers.includes(verdict.layer);
      return create(
        "li",
        { class: `station ${state}${broken ? " broken" : ""}`, "data-station": name, "data-state": state },
        create("span", { class: "sign", "aria-hidden": "true" }, SIGNS[state]),
        create("span", { class: "label" }, texts.text(`station_${name}`)),
        create("span", { class: "hidden-text" }, `: ${texts.text(broken ? "state_broken" : `state_${state}`)}`),
      );
    }),
  );
};
