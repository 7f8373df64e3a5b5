/** @import {BrowserFacts, Finding} from "../types.d.ts" */
/** @import {Catalog} from "../shared/catalog.js" */

/**
 * Judges the browser and the window. Where the extension is not allowed in incognito windows it cannot be pressed there
 * either, so that only speaks where it is.
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

/** The symptoms of a session that does not fit. */
const SESSION = ["symptom.session-timeout", "symptom.invalid-access"];

/**
 * Cookies of an earlier login. There are always some, so they count only where the session misbehaves, or where a login
 * is begun on top of a live one.
 * @param {BrowserFacts} facts
 * @param {Catalog} catalog
 * @returns {Finding[]}
 */
function judgeLeftovers(facts, catalog) {
  if (!facts.cookies) return [];
  const trouble = [...facts.attempt.seen, ...(facts.page?.texts ?? [])].some((s) => SESSION.includes(s.code));
  const onTop = facts.loggedInElsewhere && facts.page?.page === "login";
  if (!trouble && !onTop) return [];
  return [catalog.finding("browser.cookies-leftover", "warning", { count: String(facts.cookies) })];
}
