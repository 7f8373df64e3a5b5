/** @import {BrowserFacts, Finding} from "../types.d.ts" */
/** @import {Catalog} from "./catalog.js" */

/**
 * Judges the window. Where the extension is not allowed in incognito windows it cannot be pressed there either, so
 * this only speaks where it is.
 * @param {BrowserFacts} facts
 * @param {Catalog} catalog
 * @returns {Finding[]}
 */
export function judgeIncognito(facts, catalog) {
  if (!facts.onEtaxPage) return [catalog.finding("browser.ready", "unknown", { reason: "not-on-etax-page" })];
  if (facts.incognito) return [catalog.finding("browser.incognito", "failure")];
  return [catalog.finding("browser.ready", "ok")];
}
