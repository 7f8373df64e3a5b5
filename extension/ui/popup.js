/** @import {DiagnosisEvent, Finding} from "../types.d.ts" */
import { Catalog } from "../checks/catalog.js";
import { verdict } from "../checks/verdict.js";
import { repair, repairsFor } from "./repair.js";
import { Texts } from "./texts.js";
import { drawWay } from "./way.js";

const catalog = await Catalog.load();
const texts = new Texts(catalog);

/** @param {string} id */
function element(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * @param {string} tag
 * @param {string} text
 */
function create(tag, text) {
  const node = document.createElement(tag);
  node.textContent = text;
  return node;
}

/** The tab that a repair has led to. @type {number | undefined} */
let repairedTab;

/** The tab to look at: the one below the popup, or the one named in the address when this page is open in a tab. */
async function tabToCheck() {
  if (repairedTab !== undefined) return repairedTab;
  const named = Number(new URLSearchParams(location.search).get("tab"));
  if (named) return named;
  const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
  return tab?.id ?? -1;
}

function showFixedTexts() {
  document.documentElement.lang = texts.japanese ? "ja" : "en";
  document.title = texts.text("extension_name");
  element("todo-heading").textContent = texts.text("ui_what_to_do");
  element("safe").textContent = texts.text("ui_pin_safe");
  element("again").textContent = texts.text("ui_check_again");
  element("incognito-hint").textContent = texts.text("ui_incognito_hint");
  /** @type {HTMLElement} */ (document.querySelector("summary")).textContent = texts.text("ui_details");
}

/** @param {boolean} running */
function setRunning(running) {
  /** @type {HTMLButtonElement} */ (element("again")).disabled = running;
}

function showRunning() {
  document.body.dataset.state = "running";
  delete document.body.dataset.code;
  element("title").textContent = texts.text("ui_checking");
  element("kind").replaceChildren(create("span", texts.text("ui_checking_hint")));
  for (const id of ["detail", "unchecked"]) element(id).replaceChildren();
  element("todo-heading").hidden = true;
  for (const id of ["steps", "links", "repairs", "repair-outcome", "findings"]) element(id).replaceChildren();
  drawWay(element("way"), [], null, texts);
  setRunning(true);
}

/**
 * @param {Finding[]} findings
 * @param {Finding} main
 */
function showVerdict(findings, main) {
  const entry = catalog.entries.get(main.code);
  element("title").textContent = texts.title(main);
  element("kind").replaceChildren(...(main.status === "failure" && entry ? kinds(entry) : []));
  element("detail").textContent = texts.detail(main);
  const unchecked = main.status === "unknown" ? findings.filter((f) => f.status === "unknown") : [];
  element("unchecked").replaceChildren(...unchecked.map((f) => create("li", texts.title(f))));
  const steps = texts.steps(main);
  element("todo-heading").hidden = steps.length === 0;
  element("steps").replaceChildren(...steps.map((step) => create("li", step)));
  element("links").replaceChildren(...(entry?.links ?? []).map(linkItem));
  element("repairs").replaceChildren(...repairsFor(main, entry?.repair).map((name) => repairOffer(name, main)));
  drawWay(element("way"), findings, main, texts);
  showFindings(findings, main);
  document.body.dataset.code = main.code;
  document.body.dataset.state = main.status;
  setRunning(false);
}

/**
 * Hardware or authentication, and how hard the remedy is. A fault of our own program is neither of the two.
 * @param {import("../types.d.ts").CatalogEntry} entry
 */
function kinds(entry) {
  const keys = [...(entry.layer === "doctor" ? [] : [`class_${entry.class}`]), `difficulty_${entry.difficulty}`];
  return keys.map((key) => create("span", texts.text(key)));
}

/** @param {string} url */
function linkItem(url) {
  const link = /** @type {HTMLAnchorElement} */ (create("a", `${texts.text("ui_links")}: ${url}`));
  link.href = url;
  link.target = "_blank";
  const item = document.createElement("li");
  item.append(link);
  return item;
}

/**
 * A button for a repair, and what it will do.
 * @param {string} name
 * @param {Finding} finding
 */
function repairOffer(name, finding) {
  const key = `repair_${name.replaceAll("-", "_")}`;
  const offer = document.createElement("div");
  offer.className = "repair";
  const button = /** @type {HTMLButtonElement} */ (create("button", texts.text(`${key}_button`)));
  button.type = "button";
  button.dataset.repair = name;
  const explanation = create("p", texts.text(`${key}_explain`));
  explanation.id = `explain-${name}-${finding.code}`;
  button.setAttribute("aria-describedby", explanation.id);
  button.addEventListener("click", () => void runRepair(name, finding));
  offer.append(button, explanation);
  return offer;
}

/**
 * @param {string} name
 * @param {Finding} finding
 */
async function runRepair(name, finding) {
  for (const button of document.querySelectorAll("button")) button.disabled = true;
  element("repair-outcome").textContent = texts.text("repair_working");
  const repaired = await repair(name, finding, tabId);
  for (const button of document.querySelectorAll("button")) button.disabled = false;
  if (repaired === null) {
    element("repair-outcome").textContent = texts.text("repair_failed");
    return;
  }
  repairedTab = repaired;
  await check();
}

/**
 * @param {Finding[]} findings
 * @param {Finding} [main] what is shown above already
 */
function showFindings(findings, main) {
  const items = [...findings]
    .sort((a, b) => catalog.compare(a, b))
    .map((finding) => {
      const item = document.createElement("li");
      item.className = finding.status;
      item.dataset.code = finding.code;
      const state = create("span", texts.text(`state_${finding.status}`));
      state.className = "state";
      item.append(state, create("span", texts.title(finding)));
      if (main && main.code !== finding.code) {
        const offers = repairsFor(finding, catalog.entries.get(finding.code)?.repair);
        item.append(...offers.map((name) => repairOffer(name, finding)));
      }
      return item;
    });
  element("findings").replaceChildren(...items);
}

/** The tab that was looked at. */
let tabId = -1;

async function check() {
  showRunning();
  /** @type {Finding[]} */
  const findings = [];
  const port = chrome.runtime.connect(chrome.runtime.id, { name: "diagnosis" });
  port.onMessage.addListener((/** @type {DiagnosisEvent} */ event) => {
    if (event.type === "finding") {
      findings.push(event.finding);
      drawWay(element("way"), findings, null, texts);
      showFindings(findings);
      return;
    }
    port.disconnect();
    showVerdict(event.findings, event.verdict);
  });
  // The worker was stopped: what it had found counts, and the rest is unknown.
  port.onDisconnect.addListener(() => {
    const all = [...findings, catalog.finding("service.ready", "unknown", { reason: "broken-off" })];
    showVerdict(all, verdict(all, catalog));
  });
  tabId = await tabToCheck();
  port.postMessage({ type: "diagnose", tabId });
}

/** Offers a notice of the system's beside the banner, to those who have not asked for it yet. */
async function offerNotices() {
  const permission = { permissions: /** @type {["notifications"]} */ (["notifications"]) };
  const button = element("notify");
  button.textContent = texts.text("ui_notify");
  button.hidden = await chrome.permissions.contains(permission);
  button.addEventListener("click", async () => {
    button.hidden = await chrome.permissions.request(permission);
  });
}

showFixedTexts();
void offerNotices();
chrome.extension.isAllowedIncognitoAccess().then((allowed) => {
  element("incognito-hint").hidden = allowed;
});
element("again").addEventListener("click", () => void check());
void check();
