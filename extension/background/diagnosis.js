import { Catalog } from "../shared/catalog.js";
import { bridgeAtWork, judgeBridge, judgeImpostors } from "../checks/bridge.js";
import { judgeBrowser } from "../checks/browser.js";
import { judgeConflicts, judgePermission } from "../checks/conflict.js";
import { clockAhead } from "./clock.js";
import { bridges as bridgeData, conflicts, meanings } from "./tables.js";
import { judgeMissingHost, judgeSkew } from "../checks/host.js";
import { explainUntouchedCard } from "../checks/login.js";
import { judgeReported } from "../checks/meaning.js";
import { judgeSession, judgeSymptoms } from "../checks/session.js";
import { answerAtDoor, atDoor } from "../checks/door.js";
import { language } from "../shared/texts.js";
import { isSymptom, verdict } from "../shared/verdict.js";
import { HostError, diagnose, look, loginsBegun } from "../shared/host.js";
import { ETAX_HOSTS, probeBrowser } from "./page.js";

/**
 * Checks both sides: tells each finding as it comes, then all with the verdict.
 * @param {number} tabId the tab to check
 * @param {(event: DiagnosisEvent) => void} tell
 * @param {DiagnosisOptions} [options]
 */
export async function runDiagnosis(tabId, tell, { quiet = false, unasked = false, symptom = "", field = false } = {}) {
  /** @type {HostAnswer | undefined} */
  let host;
  const begun = loginsBegun();
  const prepared = prepare(tabId, tell);
  const made = prepared.then(({ login, asked }) => () => ({
    ...asked,
    unasked,
    symptom,
    field,
    loginInFlight: quiet || login !== "none" || begun !== loginsBegun(),
  }));
  const progress = (/** @type {Finding} */ finding) => tell({ type: "progress", finding });
  const ask = () => (unasked ? made.then((make) => look(make, progress)) : diagnose(made, progress));
  const answered = ask();
  answered.catch(() => {}); // until it is awaited
  const { facts, login, findings, catalog } = await prepared;
  try {
    host = await answered.catch(async (error) => {
      if (!(error instanceof HostError) || error.code !== "interrupted") throw error;
      // A login began: ask again without the card, after the first host has released it.
      await new Promise((done) => setTimeout(done, 500));
      return ask();
    });
    findings.push(...host.findings.map((f) => explainUntouchedCard(reported(f), login)), ...judgeSkew(host.protocol, catalog));
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    const { os } = await chrome.runtime.getPlatformInfo();
    findings.push(...judgeMissingHost(error.code, { id: chrome.runtime.id, os }, catalog));
    if (symptom) findings.push(...judgeReported(symptom, await meanings(), catalog));
  }
  // What the person asks is answered before what the page showed.
  findings.sort((a, b) => Number(!!isAsked(b)) - Number(!!isAsked(a)));
  const judged = verdict(atDoor(facts, findings, catalog), catalog);
  judged.verdict = answerAtDoor(facts, judged);
  const before = quiet ? [] : await remember(judged.findings);
  tell({ type: "done", ...judged, host: host?.report ?? null, browser: summary(facts, login), before, field: host?.field });
}

/**
 * Looks at the browser's side; asked is what the host has to know of it.
 * @param {number} tabId
 * @param {(event: DiagnosisEvent) => void} tell
 */
async function prepare(tabId, tell) {
  const [{ facts, login }, catalog, bridges, kinds, spoken] = await Promise.all([probeBrowser(tabId), Catalog.load(), bridgeData(), conflicts(), language()]);
  const findings = [
    ...judgeSymptoms(facts, catalog),
    ...judgeBridge(facts, bridges, catalog),
    ...judgeImpostors(facts, bridges, catalog),
    ...judgeConflicts(facts, { hosts: ETAX_HOSTS, own: chrome.runtime.id, bridges, kinds }, catalog),
    ...judgePermission(facts, catalog),
    ...judgeBrowser(facts, bridges, catalog),
    ...judgeSession(facts, catalog),
  ];
  for (const finding of findings) tell({ type: "finding", finding });
  const asked = {
    browser: facts.browser,
    bridge: bridgeAtWork(facts, bridges),
    clockAhead: facts.page ? await clockAhead(tabId, facts.page.age) : undefined,
    language: spoken,
  };
  return { facts, login, findings, asked, catalog };
}

/**
 * Keeps the findings in memory until the browser is closed.
 * @param {Finding[]} findings
 * @returns {Promise<Finding[]>} those of the previous check
 */
async function remember(findings) {
  const key = "last-findings";
  const kept = await chrome.storage.session.get(key);
  await chrome.storage.session.set({ [key]: findings.map(({ code, status, layer }) => ({ code, status, layer })) });
  return /** @type {Finding[]} */ (kept[key] ?? []);
}

/** @param {Finding} finding */
const isAsked = ({ reported, code }) => reported && !["symptom.not-known", "symptom.generic-error"].includes(code);

/**
 * A symptom among the host's findings is a message that the person has reported.
 * @param {Finding} finding
 * @returns {Finding}
 */
function reported(finding) {
  return isSymptom(finding) ? { ...finding, reported: true } : finding;
}

/**
 * The browser's part of a report: no addresses, no names, no cookie contents.
 * @param {BrowserFacts} facts
 * @param {LoginState} login
 */
function summary({ onEtaxPage, incognito, page, browser, tabs, loggedInElsewhere, cookies, attempt, extensions, ownAgent }, login) {
  return {
    onEtaxPage,
    incognito,
    browser: browser ?? "",
    page: page && { kind: page.page, bridges: page.bridges, navigation: page.navigation, cookiesEnabled: page.cookiesEnabled },
    login,
    tabs,
    loggedInElsewhere,
    cookies,
    attempt: attempt.state,
    extensions: extensions?.length ?? null,
    userAgent: ownAgent.userAgent,
  };
}

/**
 * Runs an automatic diagnosis, and returns only its result.
 * @param {number} tabId
 * @param {boolean} quiet
 * @returns {Promise<Outcome>}
 */
export function diagnoseTab(tabId, quiet) {
  return new Promise((resolve, reject) => {
    runDiagnosis(tabId, (event) => event.type === "done" && resolve(event), { quiet, unasked: true }).catch(reject);
  });
}
