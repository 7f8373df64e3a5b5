import assert from "node:assert/strict";
import { test } from "node:test";
import { announcement } from "../checks/announcement.js";
import { IDLE, step } from "../checks/attempt.js";
import { catalog, pageWords, readJSON } from "./catalog.mjs";

const deadlines = readJSON("extension/deadlines.json");

/** @param {string} code */
const text = (code) => {
  const known = pageWords.texts.find((t) => t.code === code);
  return { code, text: known?.text ?? "", when: known?.when };
};

/**
 * Events as words: press, choose (a button that leads to another page), launch, ok, unread, refused:CODE, deadline, text:CODE, page:KIND[:CODE].
 * @param {string} word
 * @returns {AttemptEvent}
 */
function event(word) {
  const [kind, a = "", b] = word.split(":");
  switch (kind) {
    case "choose":
      return { kind: "press", page: true };
    case "ok":
      return { kind: "answer", result: "0", errcode: "" };
    case "unread":
      return { kind: "answer", result: "", errcode: "" };
    case "refused":
      return { kind: "answer", result: "1", errcode: a };
    case "text":
      return { kind: "texts", texts: [text(a)] };
    case "page":
      return { kind: "page", page: /** @type {any} */ (a), texts: b ? [text(b)] : [] };
    default:
      return { kind: /** @type {any} */ (kind) };
  }
}

/** @param {string} words */
function run(words) {
  let attempt = IDLE;
  /** @type {Step | undefined} */
  let last;
  for (const word of words.split(" ").filter(Boolean)) {
    last = step(attempt, event(word), deadlines);
    attempt = last.attempt;
  }
  return /** @type {Step} */ (last);
}

const SETBACK = "page:login press launch";

// events → state, in flight, look, deadline (ms, none, or same), symptoms
for (const [words, state, inFlight, look, after, ...symptoms] of /** @type {[string, string, boolean, string, number | null | undefined, ...string[]][]} */ ([
  ["page:login", "idle", false, "none", null],
  ["press", "pressed", false, "none", deadlines.launch],
  ["press press", "pressed", false, "none", deadlines.launch],
  ["press deadline", "stalled", false, "whole", null, "symptom.click-ignored"],
  ["press launch", "launched", true, "none", deadlines.looks[0]],
  ["launch", "launched", true, "none", deadlines.looks[0]], // the press may have been on another button
  [`${SETBACK} press`, "launched", true, "none", undefined],
  [`${SETBACK} deadline`, "launched", true, "quiet", deadlines.looks[1]],
  [`${SETBACK} ${"deadline ".repeat(deadlines.looks.length - 1)}`, "launched", true, "quiet", deadlines.looks.at(-1)],
  [`${SETBACK} ${"deadline ".repeat(deadlines.looks.length)}`, "stalled", true, "quiet", null, "symptom.freeze-before-pin"],
  [`${SETBACK} ${"deadline ".repeat(deadlines.looks.length)} ok`, "answered", false, "none", deadlines.nextPage, "symptom.freeze-before-pin"],
  [`${SETBACK} ok`, "answered", false, "none", deadlines.nextPage],
  [`${SETBACK} unread`, "answered", false, "none", deadlines.nextPage],
  [`${SETBACK} ok page:other`, "answered", false, "none", deadlines.nextPage],
  [`${SETBACK} ok page:logged-in`, "accepted", false, "none", null],
  [`${SETBACK} ok page:other page:logged-in`, "accepted", false, "none", null],
  [`${SETBACK} ok deadline`, "stalled", false, "whole", null, "symptom.stalled"],
  [`${SETBACK} ok page:login`, "failed", false, "whole", null, "symptom.authentication-error"],
  [`${SETBACK} ok page:number`, "failed", false, "whole", null, "symptom.number-asked"],
  [`${SETBACK} ok text:symptom.generic-error-after-login`, "failed", false, "whole", null, "symptom.generic-error-after-login"],
  [`${SETBACK} ok page:other:symptom.generic-error-after-login`, "failed", false, "whole", null, "symptom.generic-error-after-login"],
  [`${SETBACK} refused:EW044-C300`, "failed", false, "whole", null, "symptom.app-no-answer"],
  [`${SETBACK} refused:EM044-C300`, "failed", false, "whole", null, "symptom.app-no-answer"],
  [`${SETBACK} refused:EW001-0001`, "failed", false, "whole", null, "symptom.error-code"],
  [`${SETBACK} refused:`, "failed", false, "whole", null, "symptom.error-code"],
  [`${SETBACK} refused:EW044-C300 press`, "pressed", false, "none", deadlines.launch],
  [`${SETBACK} refused:EW044-C300 launch`, "launched", true, "none", deadlines.looks[0]],
  [`${SETBACK} text:symptom.set-card`, "launched", true, "quiet", undefined, "symptom.set-card"],
  [`${SETBACK} text:symptom.set-card text:symptom.set-card`, "launched", true, "none", undefined, "symptom.set-card"],
  [`${SETBACK} text:symptom.generic-error-after-login`, "launched", true, "none", undefined], // nothing was answered yet
  [`${SETBACK} page:login`, "idle", false, "none", null], // reloaded in the middle
  [`${SETBACK} page:logged-in`, "accepted", false, "none", null],
  [`${SETBACK} busy done left`, "launched", true, "none", undefined], // other work of the bridge, and a page that is left
  ["ok", "idle", false, "none", undefined], // an answer without a launch
  ["deadline", "idle", false, "none", undefined],
  ["text:symptom.set-card", "idle", false, "none", undefined], // instructions, not an error
  ["text:symptom.session-timeout", "failed", false, "whole", null, "symptom.session-timeout"],
  ["page:other:symptom.maintenance", "failed", false, "whole", null, "symptom.maintenance"],
  ["page:logged-in:symptom.session-timeout", "accepted", false, "none", null], // a notice
  ["page:login:symptom.maintenance", "idle", false, "none", null],
  ["page:form:symptom.maintenance", "idle", false, "none", null],
  ["page:step:symptom.maintenance", "failed", false, "whole", null, "symptom.maintenance"],
  ["page:form:symptom.environment", "failed", false, "whole", null, "symptom.environment"],
  ["text:symptom.environment-note", "idle", false, "none", undefined], // it only advises
  ["press text:symptom.environment-note", "pressed", false, "none", undefined],
  ["choose", "pressed", false, "none", null], // the next page may take its time
  ["choose page:step launch ok page:step", "accepted", false, "none", null], // 作成コーナー goes on with another step
  ["choose page:step launch ok page:form", "accepted", false, "none", null],
  ["choose page:step launch ok page:step page:form:symptom.session-timeout", "idle", false, "none", null],
  ["choose page:choice launch ok page:choice", "accepted", false, "none", null], // the card is asked for once more
  ["choose page:choice launch ok page:choice:symptom.authentication-error", "failed", false, "whole", null, "symptom.authentication-error"],
  ["choose page:step launch ok page:other page:step:symptom.authentication-error", "failed", false, "whole", null, "symptom.authentication-error"],
  ["launch ok page:step:symptom.authentication-error", "failed", false, "whole", null, "symptom.authentication-error"],
  ["launch ok page:form:symptom.authentication-error", "accepted", false, "none", null], // a form explains something
  ["page:qr", "idle", false, "none", null],
  [`${SETBACK} refused: page:other`, "failed", false, "whole", null, "symptom.error-code"], // the site's own error page
  [`${SETBACK} refused: page:other page:login`, "idle", false, "none", null],
  [`${SETBACK} ok page:logged-in text:symptom.set-card`, "accepted", false, "none", undefined],
])) {
  test(`attempt: ${words}`, () => {
    const s = run(words);
    assert.deepEqual([s.attempt.state, s.attempt.inFlight, s.look, s.after], [state, inFlight, look, after]);
    assert.deepEqual(s.attempt.seen.map((x) => x.code), symptoms);
  });
}

test("only a press makes an attempt the person's", () => {
  for (const [words, pressed] of /** @type {[string, boolean | undefined][]} */ ([
    ["press", true],
    ["press launch", true],
    ["press launch refused:EW044-C300", true],
    ["launch", undefined],
    ["press launch refused:EW044-C300 launch", undefined],
    ["press launch ok page:logged-in", undefined],
  ])) {
    assert.equal(run(words).attempt.pressed, pressed, words);
  }
});

test("every state and every event is defined, and nothing that the bridge works on is looked at with the card", () => {
  const words = ["press", "launch", "busy", "done", "left", "ok", "unread", "refused:EW044-C300", "refused:", "deadline", ...pageWords.texts.map((t) => `text:${t.code}`), "page:login", "page:number", "page:other", "page:logged-in", "page:other:symptom.maintenance"];
  let states = [IDLE];
  const seen = new Set();
  while (states.length > 0) {
    states = states.flatMap((attempt) =>
      words.map((word) => {
        const s = step(attempt, event(word), deadlines);
        if (s.attempt.inFlight) assert.notEqual(s.look, "whole", word);
        if (s.attempt.inFlight && s.attempt.state === "launched") assert.notEqual(s.after, null, `${word}: the deadline would be lost`);
        return s.attempt;
      }),
    ).filter((attempt) => {
      const key = JSON.stringify({ ...attempt, seen: attempt.seen.map((x) => x.code).sort().slice(0, 1) });
      return !seen.has(key) && seen.add(key);
    });
  }
  for (const state of ["idle", "pressed", "launched", "answered", "accepted", "failed", "stalled"]) {
    assert.ok([...seen].some((key) => JSON.parse(key).state === state), `${state} is never reached`);
  }
});

test("a banner speaks only of what can be the cause now", () => {
  const failure = (/** @type {string} */ code) => catalog.finding(code, "failure");
  const waiting = run(SETBACK).attempt;
  const failed = run(`${SETBACK} refused:EW044-C300`).attempt;
  const fine = catalog.finding("verdict.all-fine", "ok");
  const symptom = catalog.finding("symptom.app-no-answer", "info");
  assert.equal(announcement(failed, [symptom], failure("app.mynaportal-missing"), catalog)?.code, "app.mynaportal-missing");
  assert.equal(announcement(failed, [symptom], failure("certificate.expired"), catalog)?.code, "symptom.app-no-answer", "that does not explain it");
  const taken = run(`${SETBACK} ok deadline`).attempt;
  assert.equal(announcement(taken, [catalog.finding("symptom.stalled", "info")], failure("card.absent"), catalog), null, "the card had done its work");
  for (const code of ["browser.incognito", "browser.ua-altered", "policy.native-messaging-blocked"]) assert.equal(announcement(waiting, [], failure(code), catalog), null, code);
  assert.equal(announcement(waiting, [], failure("app.mynaportal-missing"), catalog), null, "an app that is missing would have been told at once");
  assert.equal(announcement(waiting, [], failure("card.absent"), catalog)?.code, "card.absent");
  assert.equal(announcement(failed, [], catalog.finding("host.not-found", "failure", { id: "a", os: "linux" }), catalog), null, "our own program is not the cause");
  assert.equal(announcement(failed, [], catalog.finding("session.duplicate-tabs", "warning", { count: "2" }), catalog), null);
  assert.equal(announcement(failed, [], fine, catalog), null);
  assert.equal(announcement(failed, [symptom], fine, catalog)?.code, "symptom.app-no-answer");
});
