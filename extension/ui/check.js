import { hello } from "../shared/host.js";
import { verdict } from "../shared/verdict.js";
import { Diagnosis, firstCheck } from "./diagnosis.js";
import { element } from "./dom.js";
import { repair } from "./repair.js";

/** Until the next look for a missing host, in milliseconds. */
const HOST_POLL_INTERVAL = 2_000;

/** How long after our own card reading a watch may still report it, in milliseconds. */
const WATCH_LAG = 1_500;

/** Lets the worker check, shows the results and does repairs, for the popup and the full page. */
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
    /** The tab checked last, or that a repair led to. */
    this.tabId = -1;
    /** What the person has reported. */
    this.symptom = "";
    this.busy = false;
    /** When the last check ended. */
    this.ended = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  takeSymptoms() {
    element("symptom-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.symptom = /** @type {HTMLInputElement | HTMLTextAreaElement} */ (element("symptom")).value.trim();
      document.body.scrollIntoView();
      void this.run();
    });
  }

  /** Whether this page's own host may be using the card: during a check, and until a watch has seen its end. */
  mayBeReading() {
    return this.busy || Date.now() - this.ended < WATCH_LAG;
  }

  /**
   * Checks, and checks again once a missing host is installed. Does nothing during a check or a repair.
   * @param {boolean} [unasked] nobody has pressed a button for it
   * @param {boolean} [field] also make the record for the developers
   */
  async run(unasked = false, field = false) {
    if (this.busy) return;
    clearTimeout(this.timer);
    this.busy = true;
    const release = disableButtons();
    this.answer.running();
    const outcome = await this.#outcome(this.ended === 0 ? await firstCheck : new Diagnosis({ tabId: this.tabId, unasked, symptom: this.symptom, field }));
    this.answer.show(outcome);
    this.busy = false;
    this.ended = Date.now();
    release();
    this.done(outcome);
    if (outcome.findings.some((f) => f.code === "host.not-found")) this.#lookAgain();
  }

  /** @param {Diagnosis} diagnosis @returns {Promise<Outcome>} */
  async #outcome(diagnosis) {
    this.tabId = diagnosis.tabId;
    diagnosis.onArrival = () => this.answer.arrived([...diagnosis.findings, ...diagnosis.progress]);
    diagnosis.onArrival();
    const outcome = await diagnosis.outcome;
    if (outcome) return outcome;
    const all = [...diagnosis.findings, this.catalog.finding("service.ready", "unknown", { reason: "broken-off" })];
    return { ...verdict(all, this.catalog), host: null, browser: null, before: [] };
  }

  #lookAgain() {
    this.timer = setTimeout(async () => {
      const there = await hello();
      if (this.busy) return;
      if (there) void this.run(true);
      else this.#lookAgain();
    }, HOST_POLL_INTERVAL);
  }

  /** @param {string} name @param {Finding} finding */
  async repair(name, finding) {
    if (this.busy) return;
    clearTimeout(this.timer);
    this.busy = true;
    const release = disableButtons();
    this.answer.outcome.textContent = this.texts.text(`repair_${name.replaceAll("-", "_")}_working`) || this.texts.text("repair_working");
    const tabId = await repair(name, finding, this.tabId);
    this.busy = false;
    release();
    if (typeof tabId !== "number") {
      this.answer.outcome.textContent = this.texts.text(tabId ? "repair_in_flight" : "repair_failed");
      return;
    }
    this.tabId = tabId;
    await this.run();
  }
}

/**
 * Disables all buttons. The release gives the focus back to the pressed button, or to "check again" if that is gone: the
 * verdict is announced already.
 * @returns {() => void} releases them
 */
function disableButtons() {
  const focused = document.activeElement;
  const set = (/** @type {boolean} */ disabled) => {
    for (const button of document.querySelectorAll("button")) button.disabled = disabled && !button.closest("#path");
  };
  set(true);
  return () => {
    set(false);
    if (document.activeElement !== document.body || !(focused instanceof HTMLElement) || focused === document.body) return;
    if (focused.isConnected && focused.checkVisibility()) focused.focus();
    else element("again").focus();
  };
}
