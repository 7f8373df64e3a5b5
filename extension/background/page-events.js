import { announcement } from "../checks/announcement.js";
import { take } from "../checks/tab.js";
import { Catalog } from "../shared/catalog.js";
import { deadlines } from "./tables.js";
import { Texts } from "../shared/texts.js";
import { load, save } from "./attempts.js";
import { diagnoseTab } from "./diagnosis.js";
import { noteTabLeft, noteDocumentLeft, noteFlight } from "./flights.js";
import { abortCardReads } from "../shared/host.js";
import { SIGNS } from "../shared/signs.js";
import { withTimeout } from "./page.js";

/** The last task of each tab: events are handled one at a time. Checks of the machine are not queued. */
const queues = new Map();

/**
 * @template T
 * @param {number} tabId
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
function enqueue(tabId, work) {
  const turn = (queues.get(tabId) ?? Promise.resolve()).then(work, work);
  queues.set(tabId, turn);
  return turn;
}

/**
 * Handles a page's event and answers what the page has to do: wait for a deadline, show the banner, hide it. The
 * page repeats a message if the worker was stopped before its answer; then only the missing part is done.
 * @param {PageMessage} message
 * @param {{tabId: number, documentId?: string, frameId?: number}} sender
 * @returns {Promise<PageAnswer>}
 */
export async function onPageEvent(message, { tabId, documentId, frameId = 0 }) {
  const { event } = message;
  if (event.kind === "launch" || event.kind === "busy") abortCardReads();
  const noted = (async () => {
    if (documentId) await (event.kind === "left" ? noteDocumentLeft(documentId) : noteFlight(documentId, tabId, message.inFlight));
    if (event.kind === "page" && frameId === 0) await noteTabLeft(tabId, documentId);
    return message.foreign || event.kind === "left";
  })();
  noted.catch(() => {});
  // Queued from its arrival on: an overtaken event counts as repeated and is lost.
  const taken = await enqueue(tabId, async () => {
    if (await noted) return null;
    const result = take(await load(tabId), message, frameId, await deadlines());
    if (result) await save(tabId, result.kept);
    return result?.taken;
  });
  if (!taken) return { banner: null };
  if (taken.hide) await clearBadge(tabId);
  const answer = { after: taken.after, banner: /** @type {PageAnswer["banner"]} */ (taken.hide ? "hide" : null) };
  if (taken.look !== "none" && (await mayLook(tabId, taken))) {
    const { findings, verdict } = await diagnoseTab(tabId, taken.look === "quiet");
    answer.banner = await enqueue(tabId, () => announce(tabId, frameId === 0 ? documentId : undefined, taken, findings, verdict));
  }
  if (frameId === 0) return answer;
  // A frame may be too small for the banner.
  if (answer.banner) await withTimeout(chrome.tabs.sendMessage(tabId, { type: "banner", banner: answer.banner }, { frameId: 0 }));
  return { ...answer, banner: null };
}

/**
 * Waits until the machine may be checked: after a press or once per page, and with a pause between a tab's checks.
 * Returns false if it may not be checked.
 * @param {number} tabId
 * @param {Taken} taken
 */
async function mayLook(tabId, taken) {
  const { attempt, page, seq } = taken;
  const { lookPause } = await deadlines();
  const at = await enqueue(tabId, async () => {
    const kept = await load(tabId);
    const { look } = kept;
    if (!isStill(kept, taken)) return null;
    if (!attempt.pressed && look?.page === page && look.seq !== seq) return null;
    if (look?.page === page && look.seq === seq) return look.at; // the worker was stopped meanwhile
    const next = Math.max(Date.now(), (look?.at ?? 0) + lookPause);
    if (next > Date.now() + lookPause) return null; // another check waits
    await save(tabId, { ...kept, look: { page, seq, at: next } });
    return next;
  });
  if (at === null) return false;
  await new Promise((done) => setTimeout(done, at - Date.now()));
  return isStill(await load(tabId), taken);
}

/** Whether the login has not gone on. @param {Kept} kept @param {{attempt: Attempt, page: string}} taken */
const isStill = (kept, { attempt, page }) => kept.page === page && kept.attempt.state === attempt.state;

/**
 * Returns the banner for what was found, unless the login has gone on, or the banner was shown already.
 * @type {Announce}
 */
const announce = async (tabId, documentId, taken, findings, verdict) => {
  const kept = await load(tabId);
  if (!isStill(kept, taken)) return null;
  const catalog = await Catalog.load();
  const finding = announcement(kept.attempt, findings, verdict, catalog);
  if (!finding) {
    // What was announced is not true any more.
    if (kept.attempt.announced.length === 0) return null;
    await clearBadge(tabId);
    return "hide";
  }
  const known = kept.attempt.announced.includes(finding.code);
  // A message that is repeated because the worker was stopped gets the same answer.
  if (known && kept.answeredSeq !== taken.seq) return null;
  // The badge first: a busy page cannot show the banner.
  await chrome.action.setBadgeText({ tabId, text: "!" });
  await chrome.action.setBadgeBackgroundColor({ tabId, color: "#c5221f" });
  const target = documentId ? { tabId, documentIds: [documentId] } : { tabId };
  const drawn = await withTimeout(chrome.scripting.executeScript({ target, files: ["content/banner.js"], injectImmediately: true }));
  if (!drawn) return null;
  const texts = await Texts.load(catalog);
  const title = texts.title(finding);
  const state = finding.status === "info" ? "warning" : finding.status; // a symptom, as in the popup
  // The system keeps notifications and others may see them: they use the texts for records.
  if (!known) await notify(tabId, texts.title({ ...finding, ...finding.record }), texts);
  const announced = known ? kept.attempt.announced : [...kept.attempt.announced, finding.code];
  await save(tabId, { ...kept, answeredSeq: taken.seq, attempt: { ...kept.attempt, announced } });
  return {
    tokens: await (await fetch(chrome.runtime.getURL("ui/tokens.css"))).text(),
    language: texts.japanese ? "ja" : "en",
    state,
    sign: SIGNS[state],
    title,
    step: texts.steps(finding)[0] ?? texts.detail(finding),
    more: texts.text("ui_banner_more"),
    close: texts.text("ui_banner_close"),
  };
};

/** @param {number} tabId */
function clearBadge(tabId) {
  return chrome.action.setBadgeText({ tabId, text: "" });
}

/**
 * Shows a system notification if the person has allowed it.
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
