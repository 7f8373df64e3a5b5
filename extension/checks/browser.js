/**
 * Judges the browser and the window. Incognito windows are seen only if this extension is allowed in them.
 * @type {BridgeJudge}
 */
export const judgeBrowser = (facts, bridges, catalog) => {
  /** @type {Finding[]} */
  const found = [];
  if (facts.browser === undefined) found.push(catalog.finding("browser.unsupported", "warning"));
  if (!facts.onEtaxPage) return [...found, catalog.finding("browser.ready", "unknown", { reason: "not-on-etax-page" })];
  if (facts.incognito) found.push(catalog.finding("browser.incognito", "failure"));
  if (facts.page && !facts.page.cookiesEnabled) found.push(catalog.finding("browser.cookies-blocked", "failure"));
  const { agent, ownAgent } = facts;
  if (agent && (agent.userAgent !== ownAgent.userAgent || agent.platform !== ownAgent.platform)) {
    found.push(catalog.finding("browser.ua-altered", alteration(facts, bridges)));
  }
  found.push(...judgeLeftovers(facts, catalog));
  return found.some((f) => f.status !== "info") ? found : [...found, catalog.finding("browser.ready", "ok")];
};

/**
 * How grave an altered user agent is: nothing if the login works with it, or a known bridge has to alter it. Without the
 * list of extensions, such a bridge may be the reason.
 * @param {BrowserFacts} facts
 * @param {BridgeData[]} bridges
 */
function alteration({ extensions, page }, bridges) {
  const needed = bridges.some((b) => b.altersAgent && extensions?.some((e) => e.enabled && Object.values(b.ids).flat().includes(e.id)));
  if (needed || page?.page === "logged-in") return "info";
  return extensions ? "failure" : "warning";
}

/** The symptoms of a broken session. */
const SESSION_SYMPTOMS = ["symptom.session-timeout", "symptom.invalid-access"];

/**
 * Judges cookies of an earlier login. There are always some, so they count only if the session is broken, or a login
 * starts while another tab is logged in.
 * @type {Judge}
 */
const judgeLeftovers = (facts, catalog) => {
  if (!facts.cookies) return [];
  const trouble = [...facts.attempt.seen, ...(facts.page?.texts ?? [])].some((s) => SESSION_SYMPTOMS.includes(s.code));
  const onTop = facts.loggedInElsewhere && facts.page?.page === "login";
  if (!trouble && !onTop) return [];
  return [catalog.finding("browser.cookies-leftover", "warning", { count: String(facts.cookies) })];
};
