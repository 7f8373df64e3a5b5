/** @import {BrowserFacts, Finding} from "../types.d.ts" */
/** @import {Catalog} from "./catalog.js" */

/**
 * Judges whether the bridge extension is at work on the page, by the mark that its content script leaves there. The
 * other mark, #app-is-installed, is a constant of that script and says nothing of the app.
 * @param {BrowserFacts} facts
 * @param {Catalog} catalog
 * @returns {Finding[]}
 */
export function judgeBridge(facts, catalog) {
  if (!facts.onEtaxPage) return [catalog.finding("extension.ready", "unknown", { reason: "not-on-etax-page" })];
  if (!facts.page) return [catalog.finding("extension.ready", "unknown", { reason: "page-not-reached" })];
  if (facts.page.bridgeVersion === null) return [catalog.finding("extension.bridge-not-on-page", "failure")];
  return [catalog.finding("extension.ready", "ok", { version: facts.page.bridgeVersion })];
}
