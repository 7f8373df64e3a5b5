import { forget } from "./attempts.js";
import { noteDate } from "./clock.js";
import { runDiagnosis } from "./diagnosis.js";
import { noteTabLeft } from "./flights.js";
import { ETAX_PAGES } from "./page.js";
import { watchOpenPages, watchPortal } from "./portal.js";
import { doRepair } from "./repairs.js";
import { openAnswer, welcome } from "../shared/pages.js";
import { onPageEvent } from "./page-events.js";

chrome.runtime.onConnect.addListener((port) => {
  // Only our own pages: content scripts run in the page's process.
  if (port.name !== "diagnosis" || port.sender?.origin !== location.origin) return;
  let open = true;
  port.onDisconnect.addListener(() => {
    open = false;
  });
  port.onMessage.addListener((/** @type {DiagnosisRequest} */ request) => {
    if (request.type !== "diagnose") return;
    const tell = (/** @type {DiagnosisEvent} */ event) => open && port.postMessage(event);
    runDiagnosis(request.tabId, tell, request).catch((error) => {
      console.error(error);
      if (open) port.disconnect(); // the popup then shows an incomplete check
    });
  });
});

/**
 * The work that a message asks for. Content scripts may only report events and open our pages; repairs are for our own
 * pages.
 * @param {any} message
 * @param {chrome.runtime.MessageSender} sender
 * @returns {(() => Promise<unknown>) | undefined}
 */
function requested(message, { id, origin, tab, frameId, documentId }) {
  if (id !== chrome.runtime.id) return;
  const ours = origin === location.origin;
  const tabId = tab?.id;
  switch (message?.type) {
    case "repair":
      return ours ? () => doRepair(message.name, message.tabId) : undefined;
    case "page-event":
      return tabId === undefined ? undefined : () => onPageEvent(message, { tabId, documentId, frameId });
    case "open-report":
      return tabId === undefined ? undefined : () => openAnswer(tabId);
  }
}

// Errors are answered too: without an answer, content scripts ask again.
chrome.runtime.onMessage.addListener((message, sender, reply) => {
  const work = requested(message, sender);
  if (!work) return;
  work().then(
    (answer) => reply(answer ?? null),
    (error) => {
      console.error(error);
      reply(null);
    },
  );
  return true;
});

chrome.webRequest.onResponseStarted.addListener(noteDate, { urls: ETAX_PAGES, types: ["main_frame"] }, ["responseHeaders"]);

chrome.runtime.onInstalled.addListener(({ reason }) => Promise.all([watchOpenPages(), watchPortal(), reason === "install" && welcome()]));
chrome.permissions.onAdded.addListener(watchPortal);

chrome.tabs.onRemoved.addListener((tabId) => {
  void noteTabLeft(tabId);
  void forget(tabId);
});
