import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeBridge } from "../../extension/checks/bridge.js";
import { PROTOCOL, classifyLastError, judgeMissingHost, judgeSkew } from "../../extension/checks/host.js";
import { explainUntouchedCard, loginState } from "../../extension/checks/login.js";
import { judgeIncognito } from "../../extension/checks/incognito.js";
import { NODES, stateOf } from "../../extension/ui/way.js";
import { catalog } from "./catalog.mjs";

const page = { bridgeVersion: "36", loginInFlight: false };
const healthy = { onEtaxPage: true, incognito: false, page };

/** @param {{code: string, status: string}[]} findings */
const brief = (findings) => findings.map((f) => `${f.code} ${f.status}`);

test("bridge", () => {
  assert.deepEqual(brief(judgeBridge(healthy, catalog)), ["extension.ready ok"]);
  const missing = { ...healthy, page: { ...page, bridgeVersion: null } };
  assert.deepEqual(brief(judgeBridge(missing, catalog)), ["extension.bridge-not-on-page failure"]);
});

test("what could not be looked at is unknown, with its reason", () => {
  const [unreached] = judgeBridge({ ...healthy, page: null }, catalog);
  assert.deepEqual([unreached.status, unreached.args], ["unknown", { reason: "page-not-reached" }]);
  const elsewhere = { onEtaxPage: false, incognito: false, page: null };
  for (const judge of [judgeBridge, judgeIncognito]) {
    const [finding] = judge(elsewhere, catalog);
    assert.deepEqual([finding.status, finding.args], ["unknown", { reason: "not-on-etax-page" }]);
  }
});

test("incognito", () => {
  assert.deepEqual(brief(judgeIncognito(healthy, catalog)), ["browser.ready ok"]);
  assert.deepEqual(brief(judgeIncognito({ ...healthy, incognito: true }, catalog)), ["browser.incognito failure"]);
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
  const [fault, ...skipped] = judgeMissingHost("host.not-found", [], "abc", catalog);
  assert.deepEqual([fault.status, fault.args], ["failure", { id: "abc" }]);
  assert.ok(skipped.length >= 5);
  for (const f of skipped) assert.deepEqual([f.status, f.skippedBecause], ["skipped", "host.not-found"]);
});

test("what a host has said before it broke off is kept", () => {
  const known = [catalog.finding("certificate.expired", "failure"), catalog.finding("pin.ready", "ok")];
  const layers = judgeMissingHost("host.exited", known, "abc", catalog).map((f) => f.layer);
  assert.ok(!layers.includes("certificate"));
  assert.ok(layers.includes("card"));
});

test("login state", () => {
  const busy = { ...page, loginInFlight: true };
  assert.equal(loginState([]), "none");
  assert.equal(loginState([page]), "none");
  assert.equal(loginState([page, null]), "unknown");
  assert.equal(loginState([null, busy]), "in-flight");
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
  const drawn = NODES.flatMap((node) => node.layers);
  assert.deepEqual([...drawn, "doctor"].sort(), [...catalog.layers].sort());
});

test("a station shows the worst of its findings", () => {
  const findings = [catalog.finding("card.ready", "ok"), catalog.finding("certificate.expired", "failure")];
  assert.equal(stateOf(["card", "certificate"], findings, true), "failure");
  assert.equal(stateOf(["reader"], findings, true), "pending");
  assert.equal(stateOf(["reader"], findings, false), "unchecked");
});
