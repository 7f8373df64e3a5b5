/** @import {DiagnosisEvent, Finding} from "../types.d.ts" */
import { Catalog } from "../checks/catalog.js";
import { judgeBridge } from "../checks/bridge.js";
import { judgeIncognito } from "../checks/incognito.js";
import { judgeMissingHost, judgeSkew } from "../checks/host.js";
import { explainUntouchedCard } from "../checks/login.js";
import { verdict } from "../checks/verdict.js";
import { HostError, diagnose } from "./host.js";
import { probeBrowser } from "./page.js";
import { browserId } from "../checks/brand.js";

/**
 * Checks both sides and tells each finding as it comes, then all of them with the verdict.
 * @param {number} tabId the tab that the person is looking at
 * @param {(event: DiagnosisEvent) => void} tell
 */
export async function runDiagnosis(tabId, tell) {
  const catalog = await Catalog.load();
  /** @type {Finding[]} */
  const findings = [];
  /** @param {Finding[]} more */
  const add = (more) => {
    for (const finding of more) {
      findings.push(finding);
      tell({ type: "finding", finding });
    }
  };
  const { facts, login } = await probeBrowser(tabId);
  add(judgeIncognito(facts, catalog));
  add(judgeBridge(facts, catalog));
  const own = findings.length;
  try {
    const host = await diagnose({ loginInFlight: login !== "none", browser: browserId() }, (f) => add([explainUntouchedCard(f, login)]));
    // The report is the whole truth: what was streamed may lack causes that became known later.
    findings.splice(own, Infinity, ...host.findings.map((f) => explainUntouchedCard(f, login)));
    add(judgeSkew(host.protocol, catalog));
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    add(judgeMissingHost(error.code, findings, chrome.runtime.id, catalog));
  }
  tell({ type: "done", findings, verdict: verdict(findings, catalog) });
}
