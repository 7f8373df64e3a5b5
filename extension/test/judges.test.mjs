import assert from "node:assert/strict";
import { test } from "node:test";
import { browserId } from "../background/brand.js";
import { judgeBridge, judgeImpostors, olderThan } from "../checks/bridge.js";
import { judgeBrowser } from "../checks/browser.js";
import { judgeConflicts, judgePermission } from "../checks/conflict.js";
import { PROTOCOL, judgeMissingHost, judgeSkew } from "../checks/host.js";
import { classifyLastError } from "../shared/host.js";
import { explainUntouchedCard } from "../checks/login.js";
import { covers } from "../checks/match.js";
import { judgeSession, judgeSymptoms } from "../checks/session.js";
import { stateOf } from "../ui/path.js";
import { catalog, pageWords, readJSON } from "./catalog.mjs";
import { bridge, brief, extension, healthy, page } from "./facts.mjs";

const bridges = readJSON("extension/bridges.json");
const kinds = readJSON("extension/conflicts.json.gz");
const hosts = ["login.e-tax.nta.go.jp", "mypage.e-tax.nta.go.jp"];

/** @param {Partial<BrowserFacts>} change @param {Partial<PageFacts>} [onPage] */
const but = (change, onPage) => ({ ...healthy, ...change, ...(onPage && { page: { ...page, ...onPage } }) });
/** @param {string[]} codes */
const attempt = (...codes) => ({ ...healthy.attempt, seen: codes.map((code) => ({ code })) });

const off = { ...bridge, enabled: false, disabledReason: "permissions_increase" };
const linux = extension({ id: "mpaohblnoacafmpfmimdpnngljefbhmf", name: "MPA for Linux", version: "24.0.1" });
const edgeBuild = { ...bridge, id: "b".repeat(32) };

for (const [name, facts, ...want] of /** @type {[string, BrowserFacts, ...string[]][]} */ ([
  ["at work", healthy, "extension.ready ok"],
  ["at work and installed", but({ extensions: [bridge] }), "extension.ready ok"],
  ["at work, its mark alone says nothing of its age", but({}, { bridges: ["24"] }), "extension.ready ok"],
  ["at work, old in the profile", but({ extensions: [{ ...bridge, version: "35.9" }] }, { bridges: ["35"] }), "extension.ready ok", "extension.bridge-outdated warning"],
  ["MPA for Linux at work", but({ extensions: [linux] }, { bridges: ["24"] }), "extension.ready ok"],
  ["no mark, nothing known of the profile", but({}, { bridges: [] }), "extension.bridge-not-on-page failure"],
  ["not installed", but({ extensions: [] }, { bridges: [] }), "extension.bridge-missing failure"],
  ["only another one installed", but({ extensions: [extension({ name: "other" })] }, { bridges: [] }), "extension.bridge-missing failure"],
  ["switched off", but({ extensions: [off] }, { bridges: [] }), "extension.bridge-disabled failure"],
  ["switched off, another one on", but({ extensions: [off, linux] }, { bridges: ["24"] }), "extension.ready ok"],
  ["on, not on the page", but({ extensions: [bridge] }, { bridges: [] }), "extension.bridge-not-on-page failure"],
  ["in Edge, by name and permissions", but({ browser: "edge", extensions: [edgeBuild] }, { bridges: [] }), "extension.bridge-not-on-page failure"],
  ["in Edge, the name with other permissions", but({ browser: "edge", extensions: [{ ...edgeBuild, permissions: ["tabs"] }] }, { bridges: [] }), "extension.bridge-missing failure"],
  ["in Chrome, the name with another id", but({ extensions: [edgeBuild] }, { bridges: [] }), "extension.bridge-missing failure"],
  ["two at once", but({}, { bridges: ["36", "24"] }), "extension.bridge-duplicate failure"],
  ["two at once, an old one", but({}, { bridges: ["36", "36"] }), "extension.bridge-duplicate failure"],
  ["no mark in an incognito window", but({ incognito: true }, { bridges: [] }), "extension.ready skipped"],
  ["another page", but({ onEtaxPage: false, page: null }), "extension.ready unknown"],
  ["another page, not installed", but({ onEtaxPage: false, page: null, extensions: [] }), "extension.bridge-missing failure"],
  ["a page that does not answer", but({ page: null }), "extension.ready unknown"],
])) {
  test(`bridge: ${name}`, () => assert.deepEqual(brief(judgeBridge(facts, bridges, catalog)), want));
}

test("a bridge's name with another id", () => {
  const named = but({ extensions: [edgeBuild] });
  assert.deepEqual(brief(judgeImpostors(named, bridges, catalog)), ["extension.bridge-unknown warning"]);
  assert.deepEqual(judgeImpostors({ ...named, browser: "edge" }, bridges, catalog), [], "the id in Edge's store is not known");
  assert.deepEqual(judgeImpostors(but({ extensions: [bridge, { ...edgeBuild, enabled: false }] }), bridges, catalog), []);
  assert.deepEqual(judgeImpostors(healthy, bridges, catalog), []);
});

test("versions", () => {
  for (const [a, b, older] of /** @type {[string, string, boolean][]} */ ([
    ["35", "36", true], ["36", "36", false], ["37", "36", false], ["9", "36", true], ["24", "24.0.1", true], ["24.0.1", "24.0.1", false],
    ["24.1", "24.0.1", false], ["", "36", false], ["new", "36", false],
  ])) assert.equal(olderThan(a, b), older, `${a} < ${b}`);
});

test("an extension without access to e-Tax is never named", () => {
  const conflicts = (/** @type {any[]} */ ...extensions) =>
    judgeConflicts(but({ extensions: extensions.map(extension) }), { hosts, own: "o".repeat(32), bridges, kinds }, catalog).map((f) => `${f.args?.kind} ${f.args?.how} ${f.status}`);
  const everywhere = { hostPermissions: ["<all_urls>"] };
  assert.deepEqual(conflicts({ name: "User-Agent Switcher" }), []);
  assert.deepEqual(conflicts({ name: "User-Agent Switcher", hostPermissions: ["https://example.com/*"] }), []);
  assert.deepEqual(conflicts({ name: "User-Agent Switcher", ...everywhere, enabled: false }), []);
  assert.deepEqual(conflicts({ name: "User-Agent Switcher", ...everywhere, type: "theme" }), []);
  assert.deepEqual(conflicts({ name: "doctor", id: "o".repeat(32), ...everywhere }), []);
  assert.deepEqual(conflicts({ ...bridge, ...everywhere }), []);
  assert.deepEqual(conflicts({ name: "User-Agent Switcher", permissions: ["declarativeNetRequest"], ...everywhere }), ["user-agent requests warning"]);
  assert.deepEqual(conflicts({ name: "uBlock Origin Lite", hostPermissions: ["*://*.nta.go.jp/*"] }), ["content-blocker page info"]);
  assert.deepEqual(conflicts({ name: "辞書", ...everywhere }, { name: "NoScript", ...everywhere }), ["script-blocker page warning", "other page info"], "known trouble-makers first");
  assert.equal(conflicts(...Array.from({ length: 9 }, () => ({ name: "x", ...everywhere }))).length, 5);
});

test("patterns", () => {
  for (const [pattern, covered] of /** @type {[string, boolean][]} */ ([
    ["<all_urls>", true], ["*://*/*", true], ["https://*/*", true], ["http://*/*", false], ["*://*.go.jp/*", true], ["https://*.e-tax.nta.go.jp/*", true],
    ["https://login.e-tax.nta.go.jp/*", true], ["https://login.e-tax.nta.go.jp:443/x", true], ["https://*.login.e-tax.nta.go.jp/", true],
    ["https://www.e-tax.nta.go.jp/*", false], ["https://*.tax.nta.go.jp/*", false], ["file:///*", false], ["chrome://favicon/", false], ["", false],
  ])) assert.equal(covers(pattern, "login.e-tax.nta.go.jp"), covered, pattern);
});

test("without the permission, the profile was not looked at", () => {
  assert.deepEqual(brief(judgePermission(healthy, catalog)), ["extension.not-checked info"], "the bridge answers on the page");
  assert.deepEqual(brief(judgePermission(but({}, { bridges: [] }), catalog)), ["extension.not-checked unknown"]);
  assert.deepEqual(judgePermission(but({ extensions: [] }), catalog), []);
});

for (const [name, facts, ...want] of /** @type {[string, BrowserFacts, ...string[]][]} */ ([
  ["fine", healthy, "browser.ready ok"],
  ["another page", but({ onEtaxPage: false, page: null }), "browser.ready unknown"],
  ["another browser", but({ browser: undefined }), "browser.unsupported warning"],
  ["incognito", but({ incognito: true }), "browser.incognito failure"],
  ["cookies blocked", but({}, { cookiesEnabled: false }), "browser.cookies-blocked failure"],
  ["another user agent", but({ agent: { ...healthy.ownAgent, userAgent: "x" } }), "browser.ua-altered warning"],
  ["another platform", but({ agent: { ...healthy.ownAgent, platform: "macOS" } }), "browser.ua-altered warning"],
  ["another user agent, and no known reason for it", but({ agent: { ...healthy.ownAgent, userAgent: "x" }, extensions: [bridge] }), "browser.ua-altered failure"],
  ["another user agent, by a bridge that has to", but({ agent: { ...healthy.ownAgent, userAgent: "x" }, extensions: [linux] }), "browser.ua-altered info", "browser.ready ok"],
  ["another user agent, and the login works", but({ agent: { ...healthy.ownAgent, userAgent: "x" }, extensions: [bridge] }, { page: "logged-in" }), "browser.ua-altered info", "browser.ready ok"],
  ["a page that could not be asked", but({ agent: null }), "browser.ready ok"],
  ["cookies of a live login elsewhere", but({ loggedInElsewhere: true }), "browser.cookies-leftover warning"],
  ["on my page, another tab is logged in", but({ loggedInElsewhere: true }, { page: "logged-in" }), "browser.ready ok"],
  ["cookies after a time-out", but({ attempt: attempt("symptom.session-timeout") }), "browser.cookies-leftover warning"],
  ["no cookies after a time-out", but({ attempt: attempt("symptom.session-timeout"), cookies: 0 }), "browser.ready ok"],
  ["cookies that could not be counted", but({ attempt: attempt("symptom.session-timeout"), cookies: null }), "browser.ready ok"],
])) {
  test(`browser: ${name}`, () => assert.deepEqual(brief(judgeBrowser(facts, bridges, catalog)), want));
}

const timedOut = { code: "symptom.session-timeout", text: "セッションがタイムアウトしました", when: /** @type {const} */ ("trouble") };
const note = { code: "symptom.environment-note", text: "このまま次へ進む", when: /** @type {const} */ ("shown") };
for (const [name, facts, ...want] of /** @type {[string, BrowserFacts, ...string[]][]} */ ([
  ["fresh", healthy, "session.ready ok"],
  ["another page", but({ onEtaxPage: false, page: null }), "session.ready unknown"],
  ["a page that does not answer", but({ page: null }), "session.ready unknown"],
  ["two tabs", but({ tabs: 2 }), "session.duplicate-tabs warning"],
  ["timed out, by the page", but({}, { texts: [timedOut], page: "other" }), "session.timed-out failure"],
  ["a login page that speaks of time-outs", but({}, { texts: [timedOut] }), "session.ready ok"],
  ["timed out, in the attempt", but({ attempt: attempt("symptom.session-timeout") }), "session.timed-out failure"],
  ["invalid access", but({ attempt: attempt("symptom.invalid-access") }, { navigation: "reload" }), "session.invalid-access failure", "session.stale-page warning"],
  ["maintenance", but({ attempt: attempt("symptom.maintenance") }), "session.maintenance failure"],
  ["back", but({}, { navigation: "back_forward" }), "session.stale-page warning"],
  ["reloaded, as we advise", but({}, { navigation: "reload" }), "session.ready ok"],
  ["left alone", but({}, { age: 1_300_000 }), "session.stale-page warning"],
  ["a form of 作成コーナー, left alone", but({}, { age: 9_300_000, page: "form" }), "session.ready ok"],
  ["a step of 作成コーナー, by the back button", but({}, { navigation: "back_forward", page: "step" }), "session.ready ok"],
  ["a form that speaks of time-outs", but({}, { texts: [timedOut], page: "form" }), "session.ready ok"],
  ["a step that says it", but({}, { texts: [timedOut], page: "step" }), "session.timed-out failure"],
  ["my page, left alone", but({}, { age: 1_300_000, page: "logged-in" }), "session.ready ok"],
])) {
  test(`session: ${name}`, () => assert.deepEqual(brief(judgeSession(facts, catalog)), want));
}

test("symptoms", () => {
  assert.deepEqual(judgeSymptoms(healthy, catalog), []);
  assert.deepEqual(brief(judgeSymptoms(but({ attempt: attempt("symptom.number-asked") }), catalog)), ["symptom.number-asked info", "account.number-not-linked failure"]);
  const both = but({ attempt: attempt("symptom.session-timeout") }, { texts: [timedOut, { code: "symptom.set-card", text: "カードをセットしてください" }], page: "other" });
  assert.deepEqual(brief(judgeSymptoms(but({}, { texts: [note], page: "form" }), catalog)), ["symptom.environment-note info"]);
  assert.deepEqual(brief(judgeSymptoms(both, catalog)), ["symptom.session-timeout info"], "each once; a weak text on an idle page is none");
});

test("every word of the page is in the catalogue, and what it may mean", () => {
  const finding = (/** @type {string} */ code) => catalog.finding(code, "info");
  for (const { code } of pageWords.texts) assert.ok((catalog.of(finding(code)).explainedBy ?? []).length > 0, code);
  assert.deepEqual(catalog.explaining(finding("reader.none"), [finding("reader.none")]), []);
});

test("brands", () => {
  const brands = (/** @type {string[]} */ ...names) => browserId(names.map((brand) => ({ brand })));
  assert.equal(brands("Google Chrome", "Chromium", "Not)A;Brand"), "chrome");
  assert.equal(brands("Not A(Brand", "Chromium", "Microsoft Edge"), "edge");
  assert.equal(brands("Chromium", "Not_A Brand"), "chromium");
  assert.equal(brands("Brave", "Chromium", "Not?A_Brand"), undefined);
  assert.equal(brands(), undefined);
});

test("what Chrome says of a host", () => {
  for (const [text, code] of [
    ["Specified native messaging host not found.", "host.not-found"],
    ["Access to the specified native messaging host is forbidden.", "host.forbidden"],
    ["Access to the native messaging host was disabled by the system administrator.", "host.blocked-by-policy"],
    ["Native host has exited.", "host.exited"],
    ["Failed to start native messaging host.", "host.exited"],
    ["Error when communicating with the native messaging host.", "host.garbled"],
    ["something new", "host.exited"],
    [undefined, "host.exited"],
  ]) {
    assert.equal(classifyLastError(text), code, text);
  }
});

test("without a host, the machine's side is skipped because of it", () => {
  const [fault, ...skipped] = judgeMissingHost("host.not-found", { id: "abc", os: "linux" }, catalog);
  assert.deepEqual([fault.status, fault.args], ["failure", { id: "abc", os: "linux" }]);
  assert.ok(["reader", "card", "certificate", "service"].every((layer) => skipped.some((f) => f.layer === layer)));
  assert.equal(new Set(skipped.map((f) => f.layer)).size, skipped.length, "each layer once");
  for (const f of skipped) assert.deepEqual([f.status, f.skippedBecause], ["skipped", "host.not-found"]);
});

test("a card left alone as a precaution is explained as such", () => {
  const untouched = catalog.finding("card.ready", "unknown", { reason: "login-in-flight" });
  assert.equal(explainUntouchedCard(untouched, "unknown").args?.reason, "etax-tab-silent");
  assert.equal(explainUntouchedCard(untouched, "in-flight").args?.reason, "login-in-flight");
  const other = catalog.finding("card.ready", "unknown", { reason: "timed-out" });
  assert.equal(explainUntouchedCard(other, "unknown"), other);
});

test("skew names the side to update", () => {
  assert.deepEqual(judgeSkew(PROTOCOL, catalog), []);
  assert.deepEqual(brief(judgeSkew(PROTOCOL - 1, catalog)), ["host.outdated warning"]);
  assert.deepEqual(brief(judgeSkew(PROTOCOL + 1, catalog)), ["extension.outdated warning"]);
});

test("every layer but our own stands on the way", () => {
  const drawn = catalog.stations.flatMap((station) => station.layers);
  assert.deepEqual([...drawn, "doctor"].sort(), [...catalog.layers].sort());
});

test("a station shows the worst of its findings", () => {
  const findings = [catalog.finding("card.ready", "ok"), catalog.finding("certificate.expired", "failure")];
  assert.equal(stateOf(["card", "certificate"], findings, true), "failure");
  assert.equal(stateOf(["reader"], findings, true), "pending");
  assert.equal(stateOf(["reader"], findings, false), "unchecked");
});
