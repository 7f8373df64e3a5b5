/** @import {DiagnosisEvent, Finding, Outcome} from "../types.d.ts" */
/** @import {Catalog} from "../checks/catalog.js" */
/** @import {Answer} from "./answer.js" */
import { hello } from "../background/host.js";
import { verdict } from "../checks/verdict.js";
import { repair } from "./repair.js";
/** @import {Texts} from "./texts.js" */

/** How often, in milliseconds, it is looked whether the host has been installed meanwhile. */
const LOOK_AGAIN = 2_000;

/** Lets the worker check, shows what it finds, and does repairs: what the popup and the full page have in common. */
export class Check {
  /**
   * @param {Catalog} catalog
   * @param {Texts} texts
   * @param {Answer} answer
   * @param {(outcome: Outcome) => void} done
   */
  constructor(catalog, texts, answer, done) {
    this.catalog = catalog;
    this.texts = texts;
    this.answer = answer;
    this.done = done;
    /** The tab that was looked at. */
    this.tabId = -1;
    /** What the person has reported. */
    this.symptom = "";
    this.running = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** The tab to look at: the one that a repair has led to, that is named in the address, or that lies below the popup. */
  async #tab() {
    if (this.tabId >= 0) return this.tabId;
    const named = Number(new URLSearchParams(location.search).get("tab"));
    if (named) return named;
    const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
    return tab?.id ?? -1;
  }

  /** Checks, and checks again as soon as a host that was missing is there. */
  async run() {
    clearTimeout(this.timer);
    this.running = true;
    const release = holdButtons();
    this.answer.running();
    const outcome = await this.#diagnosed(await this.#tab());
    this.running = false;
    release();
    this.answer.show(outcome.findings, outcome.verdict);
    this.done(outcome);
    if (outcome.findings.some((f) => f.code === "host.not-found")) this.#lookAgain();
  }

  /**
   * @param {number} tabId
   * @returns {Promise<Outcome>}
   */
  #diagnosed(tabId) {
    this.tabId = tabId;
    return new Promise((resolve) => {
      /** @type {Finding[]} */
      const findings = [];
      const port = chrome.runtime.connect(chrome.runtime.id, { name: "diagnosis" });
      port.onMessage.addListener((/** @type {DiagnosisEvent} */ event) => {
        if (event.type === "finding") {
          findings.push(event.finding);
          this.answer.arrived(findings);
          return;
        }
        port.disconnect();
        resolve(event);
      });
      // The worker was stopped: what it had found counts, and the rest is unknown.
      port.onDisconnect.addListener(() => {
        const all = [...findings, this.catalog.finding("service.ready", "unknown", { reason: "broken-off" })];
        resolve({ findings: all, verdict: verdict(all, this.catalog), host: null, browser: null });
      });
      port.postMessage({ type: "diagnose", tabId, symptom: this.symptom });
    });
  }

  #lookAgain() {
    this.timer = setTimeout(async () => {
      if (this.running) return;
      if (await hello()) void this.run();
      else this.#lookAgain();
    }, LOOK_AGAIN);
  }

  /**
   * @param {string} name
   * @param {Finding} finding
   */
  async repair(name, finding) {
    clearTimeout(this.timer);
    const release = holdButtons();
    this.answer.outcome.textContent = this.texts.text("repair_working");
    const tabId = await repair(name, finding, this.tabId);
    release();
    if (tabId === null) {
      this.answer.outcome.textContent = this.texts.text("repair_failed");
      return;
    }
    this.tabId = tabId;
    await this.run();
  }
}

/**
 * Nothing can be pressed while something is under way. What was pressed last keeps the focus.
 * @returns {() => void} releases them
 */
function holdButtons() {
  const focused = document.activeElement;
  const set = (/** @type {boolean} */ disabled) => {
    for (const button of document.querySelectorAll("button")) button.disabled = disabled;
  };
  set(true);
  return () => {
    set(false);
    if (document.activeElement === document.body && focused instanceof HTMLElement) focused.focus();
  };
}
