/** @import {Attempt, Banner, Finding, WatchAnswer, WatchMessage} from "../types.d.ts" */
import { step } from "../checks/attempt.js";
import { announcement } from "../checks/announcement.js";
import { Catalog } from "../checks/catalog.js";
import { deadlines } from "../checks/data.js";
import { Texts } from "../ui/texts.js";
import { load, save } from "./attempts.js";
import { diagnoseTab } from "./diagnosis.js";
import { left, leftOne, note } from "./flights.js";
import { leaveTheCard } from "./host.js";
import { inTime } from "./page.js";

/** The events of a tab one after the other. What is asked of the machine is outside: an answer must not wait for it. */
const queues = new Map();

/**
 * @template T
 * @param {number} tabId
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
function inTurn(tabId, work) {
  const turn = (queues.get(tabId) ?? Promise.resolve()).then(work, work);
  queues.set(tabId, turn);
  return turn;
}

/**
 * Takes an event of a page and says what the page should do: wait for a deadline, show a banner, hide it. The same
 * message may come again when the worker was stopped over it; what it changed stays changed, and what it had to find out
 * is found out then.
 * @param {WatchMessage} message
 * @param {{tabId: number, documentId?: string, frameId?: number}} sender
 * @returns {Promise<WatchAnswer>}
 */
export async function watched(message, { tabId, documentId, frameId }) {
  const { event } = message;
  if (event.kind === "launch" || event.kind === "busy") leaveTheCard();
  if (documentId) await (event.kind === "left" ? leftOne(documentId) : note(documentId, tabId, message.inFlight));
  if (event.kind === "page") await left(tabId, documentId);
  if (frameId || event.kind === "left") return { banner: null }; // an attempt is the page's
  const taken = await inTurn(tabId, () => take(message, tabId));
  if (taken.hide) await clearBadge(tabId);
  const answer = { after: taken.after, banner: /** @type {WatchAnswer["banner"]} */ (taken.hide ? "hide" : null) };
  if (taken.look === "none" || !(await mayLook(tabId, taken))) return answer;
  const { findings, verdict } = await diagnoseTab(tabId, taken.look === "quiet");
  return { ...answer, banner: await inTurn(tabId, () => speak(tabId, documentId, taken, findings, verdict)) };
}

/**
 * Waits until the machine may be looked at: after a press, or once on a page, and in a tab after a pause. false: never.
 * @param {number} tabId
 * @param {{attempt: Attempt, page: string, n: number}} taken
 */
async function mayLook(tabId, { attempt, page, n }) {
  const { lookPause } = await deadlines();
  const at = await inTurn(tabId, async () => {
    const kept = await load(tabId);
    const { look } = kept;
    if (kept.page !== page || kept.attempt.state !== attempt.state) return null; // it has gone on
    if (!attempt.pressed && look?.page === page && look.n !== n) return null;
    if (look?.page === page && look.n === n) return look.at; // the worker was stopped over it
    const next = Math.max(Date.now(), (look?.at ?? 0) + lookPause);
    if (next > Date.now() + lookPause) return null; // another one waits
    await save(tabId, { ...kept, look: { page, n, at: next } });
    return next;
  });
  if (at === null) return false;
  await new Promise((done) => setTimeout(done, at - Date.now()));
  return true;
}

/**
 * @param {WatchMessage} message
 * @param {number} tabId
 */
async function take({ page, n, event }, tabId) {
  const kept = await load(tabId);
  if (kept.page === page && kept.n === n && kept.step) return { ...kept.step, page, n };
  if (kept.page === page && kept.n > n) return { ...stale(kept.attempt), page, n };
  // A press may come before the page was looked at: then the page is no new one.
  const known = event.kind === "page" && kept.page === page ? { kind: /** @type {const} */ ("texts"), texts: event.texts } : event;
  const next = step(kept.attempt, known, await deadlines());
  await save(tabId, { attempt: next.attempt, page, n, step: next, look: kept.look });
  return { ...next, page, n };
}

/**
 * A message that comes again after later ones: the worker was stopped over it. What it had to find out may still be owed.
 * @param {Attempt} attempt
 * @returns {import("../types.d.ts").Step}
 */
function stale(attempt) {
  const owed = ["failed", "stalled", "launched"].includes(attempt.state) && attempt.spoken.length === 0;
  return { attempt, look: !owed ? "none" : attempt.inFlight ? "quiet" : "whole", hide: false };
}

/**
 * The banner for what was found, unless the attempt has gone on, or this was said in it already.
 * @param {number} tabId
 * @param {string | undefined} documentId
 * @param {{attempt: Attempt, page: string, n: number}} taken
 * @param {Finding[]} findings
 * @param {Finding} verdict
 * @returns {Promise<Banner | "hide" | null>}
 */
async function speak(tabId, documentId, taken, findings, verdict) {
  const kept = await load(tabId);
  if (kept.page !== taken.page || kept.attempt.state !== taken.attempt.state) return null;
  const finding = announcement(kept.attempt, findings, verdict);
  if (!finding) {
    // What was said before is not true any more.
    if (kept.attempt.spoken.length === 0) return null;
    await clearBadge(tabId);
    return "hide";
  }
  const known = kept.attempt.spoken.includes(finding.code);
  // The page asks again when this worker was stopped before its answer; then the answer is given again.
  if (known && kept.said !== taken.n) return null;
  // The badge first: a page may have no time for a banner.
  await chrome.action.setBadgeText({ tabId, text: "!" });
  await chrome.action.setBadgeBackgroundColor({ tabId, color: "#b3261e" });
  const target = documentId ? { tabId, documentIds: [documentId] } : { tabId };
  const drawn = await inTime(chrome.scripting.executeScript({ target, files: ["content/banner.js"], injectImmediately: true }));
  if (!drawn) return null;
  const texts = new Texts(await Catalog.load());
  const title = texts.title(finding);
  // The system keeps its notices, and shows them to whoever passes by.
  if (!known) await notify(tabId, texts.title({ ...finding, ...finding.record }), texts);
  const spoken = known ? kept.attempt.spoken : [...kept.attempt.spoken, finding.code];
  await save(tabId, { ...kept, said: taken.n, attempt: { ...kept.attempt, spoken } });
  return {
    language: texts.japanese ? "ja" : "en",
    title,
    step: texts.steps(finding)[0] ?? texts.detail(finding),
    more: texts.text("ui_banner_more"),
    close: texts.text("ui_banner_close"),
  };
}

/** @param {number} tabId */
function clearBadge(tabId) {
  return chrome.action.setBadgeText({ tabId, text: "" });
}

/**
 * A notice of the system's, for people who have asked for it.
 * @param {number} tabId
 * @param {string} title
 * @param {Texts} texts
 */
async function notify(tabId, title, texts) {
  if (!(await chrome.permissions.contains({ permissions: ["notifications"] }))) return;
  await chrome.notifications.create(`etax-doctor:${tabId}`, {
    type: "basic",
    iconUrl: chrome.runtime.getURL("icons/128.png"),
    title: texts.text("extension_name"),
    message: title,
  });
}
