import { Catalog } from "../shared/catalog.js";
import { Answer } from "./answer.js";
import { changes } from "./changes.js";
import { Check } from "./check.js";
import { create, element, fillPage, items } from "./dom.js";
import { offerSettings } from "./settings.js";
import { Guide } from "./guide.js";
import { Live } from "./live.js";
import { reportJSON, reportText, runOf, whatToSay } from "./report-text.js";
import { Texts } from "../shared/texts.js";
import { shown } from "../shared/verdict.js";

const catalog = await Catalog.load();
const texts = await Texts.load(catalog);
const answer = new Answer(element("answer"), catalog, texts, (name, finding) => void check.repair(name, finding));
element("columns").after(answer.path.list, answer.path.where);
element("remedy").prepend(answer.explanation, answer.remedy);
element("urgent").append(answer.hurry);
const check = new Check(catalog, texts, answer, done);
const guide = new Guide(texts, answer.steps, () => void check.run());
const report = /** @type {HTMLTextAreaElement} */ (element("report"));
const live = new Live(texts, element("live"), () => check.mayBeReading(), lookAgain);

/** What came last during a check: whether a card or a reader has gone. @type {boolean | undefined} */
let missed;

/** What was missing may be there now, or what was fine has gone. A hidden page leaves the card to other programs. */
function lookAgain(gone = false) {
  missed = check.busy ? gone : undefined;
  const { status, layer = "" } = last?.verdict ?? {};
  const other = gone ? status === "ok" : ["reader", "card", "service"].includes(layer);
  if (!check.busy && !document.hidden && other) void check.run(true);
}

/** @type {Run | undefined} */
let last;
/** @type {Outcome | undefined} */
let seen;

/** @param {Outcome} outcome */
function done(outcome) {
  seen = outcome;
  last = runOf(outcome, chrome.runtime.getManifest().version, new Date());
  delete document.body.dataset.first;
  guide.show(outcome.verdict, outcome.findings, outcome.verdict.difficulty !== "high" && outcome.verdict.code !== "host.not-found");
  showFindings();
  report.value = reportText(last, catalog, texts);
  element("say").textContent = whatToSay(last.findings, last.verdict, texts);
  live.begin(outcome.host !== null);
  element("developers").hidden = outcome.host === null;
  element("all").hidden = outcome.verdict.code === "host.not-found";
  const changed = changes(outcome.before, outcome.findings, catalog, texts);
  element("changes").hidden = changed.length === 0;
  element("changes-list").replaceChildren(...items(changed));
  if (missed !== undefined) lookAgain(missed);
}

/** Shows what passes the filter; what is fine is folded. */
function showFindings() {
  if (!seen) return;
  const { findings, verdict } = seen;
  const wanted = /** @type {HTMLInputElement} */ (document.querySelector("#filter input:checked")).value;
  const all = shown(findings).filter((f) => !wanted || wanted.split(" ").includes(f.status)).sort((a, b) => catalog.compare(a, b));
  const isFine = (/** @type {Finding} */ f) => ["ok", "info"].includes(f.status);
  const fine = all.filter(isFine);
  const sections = (/** @type {Finding[]} */ some) =>
    [...new Set(some.map((f) => f.layer))].map((layer) =>
      create("section", {}, create("h3", {}, texts.layer(layer)), ...some.filter((f) => f.layer === layer).map((f) => findingView(f, verdict))),
    );
  const fold = create("details", { id: "fine" }, create("summary", {}, texts.text("ui_fine", { count: String(fine.length) })), ...sections(fine));
  element("findings").replaceChildren(
    ...sections(all.filter((f) => !isFine(f))),
    ...(fine.length > 0 ? [fold] : []),
    ...(all.length === 0 ? [create("p", {}, texts.text("ui_filter_none"))] : []),
  );
}

/** @param {Finding} finding @param {Finding} main its repairs are offered above */
function findingView(finding, main) {
  const state = create("span", { class: "state", "data-state": finding.status }, texts.text(`state_${finding.status}`));
  // Information of the browser's side asks for nothing.
  const steps = finding.steps ?? (["skipped", "info"].includes(finding.status) ? [] : texts.steps(finding));
  const links = answer.links(finding);
  return create(
    "details",
    { class: finding.status, "data-code": finding.code },
    create("summary", {}, state, create("span", {}, texts.title(finding))),
    create("p", {}, texts.detail(finding)),
    ...(steps.length > 0 ? [create("ol", {}, ...items(steps))] : []),
    ...(links.length > 0 ? [create("ul", { class: "links" }, ...links)] : []),
    create("p", { class: "soft" }, finding.code),
    ...(finding.code === main.code ? [] : answer.offers(finding)),
  );
}

async function offerNotices() {
  const permission = { permissions: /** @type {["notifications"]} */ (["notifications"]) };
  const button = element("notify");
  button.hidden = await chrome.permissions.contains(permission);
  button.addEventListener("click", async () => {
    button.hidden = await chrome.permissions.request(permission);
  });
}

fillPage(texts);
void offerSettings(texts);
check.takeSymptoms();
void offerNotices();
chrome.extension.isAllowedIncognitoAccess().then((allowed) => {
  element("incognito-hint").hidden = allowed;
});
element("again").addEventListener("click", () => void check.run());
element("filter").addEventListener("change", showFindings);
element("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(report.value);
    say("ui_copied");
  } catch {
    report.select();
    say("ui_copy_failed");
  }
});
element("print").addEventListener("click", () => print());
// Paper is kept and shown to others, like a saved report.
addEventListener("beforeprint", () => last && answer.write(last));
addEventListener("afterprint", () => seen && answer.write(seen));
element("save").addEventListener("click", () => last && save(reportJSON(last, texts), "etax-doctor"));
element("field").addEventListener("click", async () => {
  element("report-outcome").textContent = "";
  await check.run(false, true);
  if (seen?.field) save({ ...seen.field, browser: seen.browser, findings: last?.findings }, "etax-doctor-field");
  else say("ui_field_failed");
});

/** @param {object} record @param {string} name */
function save(record, name) {
  const file = new Blob([JSON.stringify(record, null, 2)], { type: "application/json" });
  const link = /** @type {HTMLAnchorElement} */ (create("a", { href: URL.createObjectURL(file), download: `${name}-${last?.generatedAt.replace(/\D/g, "")}.json` }));
  link.click();
  URL.revokeObjectURL(link.href);
  say("ui_saved");
}

/** @param {string} text */
function say(text) {
  element("report-outcome").textContent = texts.text(text);
}
void check.run();
