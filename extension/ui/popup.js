/** @import {DiagnosisEvent, Finding} from "../types.d.ts" */
import { Catalog } from "../checks/catalog.js";
import { verdict } from "../checks/verdict.js";
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

/** The tab to look at: the one below the popup, or the one named in the address when this page is open in a tab. */
async function tabToCheck() {
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
  for (const id of ["steps", "links", "findings"]) element(id).replaceChildren();
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
  drawWay(element("way"), findings, main, texts);
  showFindings(findings);
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

/** @param {Finding[]} findings */
function showFindings(findings) {
  const items = [...findings]
    .sort((a, b) => catalog.compare(a, b))
    .map((finding) => {
      const item = document.createElement("li");
      item.className = finding.status;
      item.dataset.code = finding.code;
      const state = create("span", texts.text(`state_${finding.status}`));
      state.className = "state";
      item.append(state, create("span", texts.title(finding)));
      return item;
    });
  element("findings").replaceChildren(...items);
}

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
  port.postMessage({ type: "diagnose", tabId: await tabToCheck() });
}

showFixedTexts();
element("again").addEventListener("click", () => void check());
void check();
