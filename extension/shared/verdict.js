/** "ok" precedes "info": it says more about a layer. @type {Status[]} */
export const WORST_FIRST = ["failure", "warning", "unknown", "skipped", "ok", "info"];

/** @type {Partial<Record<Status, Status>>} */
const GRAVER = { info: "warning", warning: "failure" };

/**
 * Chooses the one finding to show first, and makes findings graver beside some symptoms. The rule is in
 * checks/finding/verdict.go; the cases in testdata/verdicts test both.
 * @param {Finding[]} all
 * @param {Catalog} catalog
 * @returns {{verdict: Finding, findings: Finding[]}}
 */
export function verdict(all, catalog) {
  const observed = new Set(all.map((f) => f.code));
  /** @param {Finding} f */
  const isWorse = (f) => catalog.of(f).worseWith?.some((symptom) => observed.has(symptom));
  const findings = all.map((f) => (isWorse(f) ? { ...f, status: GRAVER[f.status] ?? f.status } : f));
  return { verdict: choose(findings, catalog), findings };
}

/** @param {Finding[]} findings @param {Catalog} catalog */
function choose(findings, catalog) {
  for (const status of ["failure", "warning"]) {
    const faults = findings.filter((f) => f.status === status).sort((a, b) => catalog.compare(a, b));
    const [cause] = [...findings.flatMap((f) => catalog.explaining(f, faults)), ...faults];
    if (cause) return cause;
  }
  const symptom = findings.find(isSymptom);
  if (symptom) return asWarning(symptom, catalog);
  const unknown = findings.some((f) => f.status === "unknown" || f.status === "skipped");
  return unknown || findings.length === 0
    ? catalog.finding("verdict.not-all-checked", "unknown")
    : catalog.finding("verdict.all-fine", "ok");
}

/**
 * A symptom that nothing explains: a warning, of the layer that it speaks of.
 * @param {Finding} symptom
 * @param {Catalog} catalog
 * @returns {Finding}
 */
export function asWarning(symptom, catalog) {
  return { ...symptom, status: "warning", layer: catalog.of(symptom).about ?? symptom.layer };
}

/** @param {Finding} finding */
export const isSymptom = ({ code }) => code.startsWith("symptom.");

/**
 * The symptoms, if the verdict is a fault that explains none of them: it is then shown as a second thing.
 * @type {Apart}
 */
export const apart = (findings, main, catalog) => {
  if (main.status !== "failure" && main.status !== "warning") return [];
  // Words without a known meaning may well speak of the fault; an older host does not say what explains a symptom.
  const symptoms = findings.filter((f) => isSymptom(f) && f.code !== "symptom.not-known" && (catalog.entries.has(f.code) || f.explainedBy));
  const { worseWith } = catalog.of(main);
  const explained = symptoms.some((f) => f.code === main.code || catalog.explaining(f, [main]).length > 0 || worseWith?.includes(f.code));
  return explained ? [] : symptoms;
};

/**
 * The findings without the skipped ones of layers that were looked at, and only one skipped of a layer that was not.
 * @param {Finding[]} findings
 */
export const shown = (findings) =>
  findings.filter(
    (f, i) => f.status !== "skipped" || !findings.some((g, j) => g.layer === f.layer && (g.status === "skipped" ? j < i : g.status !== "unknown")),
  );
