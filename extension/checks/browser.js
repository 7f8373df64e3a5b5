/** @import {BrowserFacts, Finding} from "../types.d.ts" */
/** @import {Catalog} from "../shared/catalog.js" */

/**
 * Judges the browser and the window. Incognito windows are seen only if this extension is allowed in them.
 * @param {BrowserFacts} facts
 * @param {Catalog} catalog
 * @returns {Finding[]}
 */
export function judgeBrowser(facts, catalog) {
  /** @type {Finding[]} */
  const found = [];
  if (facts.browser === undefined) found.push(catalog.finding("browser.unsupported", "warning"));
  if (!facts.onEtaxPage) return [...found, catalog.finding("browser.ready", "unknown", { reason: "not-on-etax-page" })];
  if (facts.incognito) found.push(catalog.finding("browser.incognito", "failure"));
  if (facts.page && !facts.page.cookiesEnabled) found.push(catalog.finding("browser.cookies-blocked", "failure"));
  const { agent, ownAgent } = facts;
  if (agent && (agent.userAgent !== ownAgent.userAgent || agent.platform !== ownAgent.platform)) {
    found.push(catalog.finding("browser.ua-altered", "failure"));
  }
  found.push(...judgeLeftovers(facts, catalog));
  return found.length > 0 ? found : [catalog.finding("browser.ready", "ok")];
}

/** The symptoms of a broken session. */
const SESSION_SYMPTOMS = ["symptom.session-timeout", "symptom.invalid-access"];

/**
 * Judges cookies of an earlier login. There are always some, so they count only if the session is broken, or a login
 * starts while another tab is logged in.
 * @param {BrowserFacts} facts
 * @param {Catalog} catalog
 * @returns {Finding[]}
 */
function judgeLeftovers(facts, catalog) {
  if (!facts.cookies) return [];
  const trouble = [...facts.attempt.seen, ...(facts.page?.texts ?? [])].some((s) => SESSION_SYMPTOMS.includes(s.code));
  const onTop = facts.loggedInElsewhere && facts.page?.page === "login";
  if (!trouble && !onTop) return [];
  return [catalog.finding("browser.cookies-leftover", "warning", { count: String(facts.cookies) })];
}
