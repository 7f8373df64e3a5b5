import assert from "node:assert/strict";
import { test } from "node:test";
import { IDLE } from "../checks/attempt.js";
import { answerAtDoor, atDoor } from "../checks/door.js";
import { verdict } from "../shared/verdict.js";
import { catalog } from "./catalog.mjs";
import { brief, healthy, page } from "./facts.mjs";

/** @type {(code: string, status: Status, args?: Record<string, string>) => Finding} */
const finding = (code, status, args = {}) => catalog.finding(code, status, args);
const noReader = finding("reader.none", "failure");
const noBridge = finding("extension.bridge-not-on-page", "failure");
const expired = finding("certificate.expired", "failure");
const stale = finding("session.duplicate-tabs", "warning", { count: "2" });
const maintenance = [finding("symptom.maintenance", "info"), finding("session.maintenance", "failure")];
const reported = { ...finding("symptom.wrong-pin", "info"), reported: true };
const noHost = finding("host.not-found", "failure", { id: "", os: "" });

// kind of page, state of the attempt, findings → verdict
for (const [name, kind, state, findings, want] of /** @type {[string, PageKind, Attempt["state"], Finding[], string][]} */ ([
  ["a phone needs no reader, no bridge and no host", "qr", "idle", [noReader, noBridge, noHost], "session.qr info"],
  ["a phone needs a valid certificate", "qr", "idle", [noReader, expired], "certificate.expired failure"],
  ["a message of the page with the QR code", "qr", "idle", [noReader, ...maintenance], "session.maintenance failure"],
  ["what the person asks at the QR code", "qr", "idle", [noReader, reported], "symptom.wrong-pin warning"],
  ["a corporation may need no card, and another bridge", "corporate", "idle", [noReader, noBridge], "session.corporate info"],
  ["a corporation, on two tabs", "corporate", "idle", [noBridge, stale], "session.duplicate-tabs warning"],
  ["a corporation whose page has called the bridge", "corporate", "launched", [noReader, noBridge], "reader.none failure"],
  ["what a corporation asks", "corporate", "idle", [reported], "symptom.wrong-pin warning"],
  ["a corporation without the host", "corporate", "idle", [noHost], "host.not-found failure"],
  ["another page", "login", "idle", [noReader, noBridge], "reader.none failure"],
])) {
  test(`door: ${name}`, () => {
    const facts = { ...healthy, page: { ...page, page: kind }, attempt: { ...IDLE, state } };
    const judged = verdict(atDoor(facts, findings, catalog), catalog);
    assert.deepEqual(brief([answerAtDoor(facts, judged)]), [want]);
  });
}
