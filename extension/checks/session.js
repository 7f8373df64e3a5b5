import { symptomOf, works } from "./attempt.js";

/**
 * Messages of the page about its session, and their codes. They are certain, since the page itself says so.
 * @type {[string, string][]}
 */
const SESSION_MESSAGES = [
  ["symptom.maintenance", "session.maintenance"],
  ["symptom.session-timeout", "session.timed-out"],
  ["symptom.invalid-access", "session.invalid-access"],
];

/** @type {Judge} */
export const judgeSession = (facts, catalog) => {
  if (!facts.onEtaxPage) {
    const finding = catalog.finding("session.ready", "unknown", { reason: "not-on-etax-page" });
    return [facts.portalAllowed ? finding : { ...finding, repair: "allow-portal" }];
  }
  if (!facts.page) return [catalog.finding("session.ready", "unknown", { reason: "page-not-reached" })];
  const seen = new Map(symptoms(facts).map((s) => [s.code, s.args?.until]));
  const found = SESSION_MESSAGES.filter(([symptom]) => seen.has(symptom)).map(([symptom, code]) => {
    const until = seen.get(symptom);
    return catalog.finding(code, "failure", until ? { until } : undefined);
  });
  if (facts.tabs > 1) found.push(catalog.finding("session.duplicate-tabs", "warning", { count: String(facts.tabs) }));
  const how = staleness(facts);
  if (how) found.push(catalog.finding("session.stale-page", "warning", { how }));
  return found.length > 0 ? found : [catalog.finding("session.ready", "ok")];
};

/**
 * Why a page may be stale; undefined if it is not. A reload makes a page fresh, and we advise it; but not after
 * "invalid access".
 * @param {BrowserFacts} facts
 */
function staleness({ page, attempt, stale }) {
  if (!page || ["logged-in", "choice", "form", "step", "qr"].includes(page.page)) return;
  if (page.navigation === "back_forward") return "back";
  if (page.navigation === "reload" && attempt.seen.some((s) => s.code === "symptom.invalid-access")) return "reload";
  return page.age > stale ? "idle" : undefined;
}

/** The symptoms of the attempt and those visible now, each once. @param {BrowserFacts} facts @returns {Symptom[]} */
function symptoms({ attempt, page }) {
  const counts = ["anywhere", "shown", ...(works(page?.page) ? [] : ["trouble"])];
  const now = (page?.texts ?? []).filter((t) => counts.includes(t.when ?? "")).map((t) => (t.when === "shown" ? { code: t.code } : symptomOf(t)));
  const known = new Set(attempt.seen.map((s) => s.code));
  const all = [...attempt.seen, ...now.filter((s) => !known.has(s.code))];
  // The banner's first: its reader sees the same again.
  const said = (/** @type {Symptom} */ s) => Number(attempt.announced.includes(s.code));
  return all.sort((a, b) => said(b) - said(a));
}

/** The symptoms as findings, and the fault that one of them proves. @type {Judge} */
export const judgeSymptoms = (facts, catalog) => {
  const seen = symptoms(facts);
  const found = seen.map(({ code, args }) => catalog.finding(code, "info", args));
  if (seen.some((s) => s.code === "symptom.number-asked")) found.push(catalog.finding("account.number-not-linked", "failure"));
  return found;
};
