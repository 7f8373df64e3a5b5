import assert from "node:assert/strict";
import { test } from "node:test";
import { IDLE } from "../checks/attempt.js";
import { take } from "../checks/tab.js";
import { pageWords, readJSON } from "./catalog.mjs";

const deadlines = readJSON("extension/deadlines.json");
const timedOut = pageWords.texts.filter(({ code }) => code === "symptom.session-timeout");

/** @type {Record<string, AttemptEvent>} */
const EVENTS = {
  press: { kind: "press" },
  choose: { kind: "press", page: true },
  launch: { kind: "launch" },
  deadline: { kind: "deadline" },
  ok: { kind: "answer", result: "0", errcode: "" },
  refused: { kind: "answer", result: "1", errcode: "EW044-C300" },
  login: { kind: "page", page: "login", texts: [] },
  other: { kind: "page", page: "other", texts: [] },
  step: { kind: "page", page: "step", texts: [] },
  closed: { kind: "page", page: "step", texts: timedOut },
  form: { kind: "page", page: "form", texts: timedOut },
  timeout: { kind: "texts", texts: timedOut },
};

/**
 * Plays messages such as "0a launch": frame 0, document a. Each comes a moment after the one before; document a was loaded
 * before all of them, the others just before their first message.
 * @param {string} words
 */
function play(words) {
  /** @type {Kept} */
  let kept = { attempt: IDLE, page: "", seq: 0 };
  /** @type {(string | undefined)[]} */
  const looks = [];
  /** @type {Record<string, number>} */
  const seqs = {};
  /** @type {Record<string, number>} */
  const loads = {};
  const all = words.split(", ");
  for (const [i, word] of all.entries()) {
    const [, frame, page, name] = /** @type {RegExpExecArray} */ (/^(\d)(\w) (\w+)$/.exec(word));
    const seq = (seqs[page] = (seqs[page] ?? 0) + 1);
    const loaded = (loads[page] ??= page === "a" ? 0 : 1000 + i - 0.5);
    const result = take(kept, { type: "page-event", page, seq, inFlight: false, foreign: false, loaded, sent: 1000 + i, event: EVENTS[name] }, Number(frame), deadlines);
    if (result) kept = result.kept;
    looks.push(result?.taken.look);
  }
  return { kept, looks };
}

// messages → state, frame of the attempt, document whose messages count, whether it is the person's
for (const [words, state, frame, page, pressed] of /** @type {[string, Attempt["state"], number, string, boolean][]} */ ([
  ["0a login, 0a press, 0a launch", "launched", 0, "a", true],
  ["0a choose, 0z login, 0z launch", "launched", 0, "z", true], // the button led to the page that reads the card
  ["0a launch, 1b other, 0a login", "launched", 0, "a", false], // launched before the page was looked at, and a frame spoke between
  ["1b launch, 0a login", "launched", 1, "b", false],
  ["0a login, 1b launch, 1b ok, 1c step", "accepted", 1, "c", false],
  ["0a login, 0a press, 0a launch, 1b other", "launched", 0, "a", true], // a frame beside the login is no new page
  ["0a login, 0a press, 0a launch, 1b ok", "launched", 0, "a", true],
  ["0a login, 0a press, 0a launch, 1b deadline", "launched", 0, "a", true],
  ["0a login, 1b launch, 0a press, 1b refused", "failed", 1, "b", false], // a press beside a login in flight changes nothing
  ["0a login, 0a press, 0a launch, 0a refused, 1b other, 1b timeout", "failed", 0, "a", true],
  ["0a login, 1b closed", "failed", 0, "a", false], // a frame reports trouble of its own
  ["0a login, 1b form", "idle", 0, "a", false], // a form that speaks of it
])) {
  test(`tab: ${words}`, () => {
    const { kept } = play(words);
    assert.deepEqual([kept.attempt.state, kept.frame ?? 0, kept.page, kept.attempt.pressed ?? false], [state, frame, page, pressed]);
  });
}

test("tab: a real new page ends the attempt, also after the clock was set back", () => {
  const launched = play("0a login, 1b launch").kept;
  /** @type {(begun: number, loaded: number, now: number, frame?: number) => string | undefined} */
  const after = (begun, loaded, now, frame = 1) =>
    take({ ...launched, begun, frame }, { type: "page-event", page: "n", seq: 1, inFlight: false, foreign: false, loaded, sent: now, event: EVENTS.login }, 0, deadlines)?.kept.attempt.state ?? "launched";
  assert.equal(after(1000, 2000, 2100), "idle");
  assert.equal(after(1000, 900, 2100), "launched", "the frame's login began in this page");
  assert.equal(after(9000, 2000, 2100), "idle", "it began in what is the future now");
  assert.equal(after(1000, 900, 2100, 0), "idle", "pressed again while the next page was on its way");
});

test("tab: what a frame beside says does not change what is kept of the attempt's messages", () => {
  const { kept } = play("0a login, 0a press, 0a launch, 0a refused");
  const beside = play("0a login, 0a press, 0a launch, 0a refused, 1b other, 1b timeout").kept;
  assert.deepEqual({ ...beside, attempt: kept.attempt }, kept);
});
