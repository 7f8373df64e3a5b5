/** @import {DiagnosisRequest} from "../types.d.ts" */
import { words } from "../checks/data.js";
import { forget } from "./attempts.js";
import { runDiagnosis } from "./diagnosis.js";
import { openReport } from "./report.js";
import { watched } from "./watch.js";

chrome.runtime.onConnect.addListener((port) => {
  if (port.name !== "diagnosis") return;
  let open = true;
  port.onDisconnect.addListener(() => {
    open = false;
  });
  port.onMessage.addListener((/** @type {DiagnosisRequest} */ request) => {
    if (request.type !== "diagnose") return;
    runDiagnosis(request.tabId, (event) => {
      if (open) port.postMessage(event);
    }).catch((error) => {
      console.error(error);
      if (open) port.disconnect(); // the popup then shows what it has, and that it is not all
    });
  });
});

// From content scripts. Whatever goes wrong, they get an answer: without one they ask again.
chrome.runtime.onMessage.addListener((message, sender, reply) => {
  const tabId = sender.tab?.id;
  if (sender.id !== chrome.runtime.id || tabId === undefined) return undefined;
  const work = { words: () => words(), watch: () => watched(message, tabId), "open-report": () => openReport(tabId) }[
    /** @type {"words" | "watch" | "open-report"} */ (message?.type)
  ];
  if (!work) return undefined;
  Promise.resolve(work()).then(
    (answer) => reply(answer ?? null),
    (error) => {
      console.error(error);
      reply(null);
    },
  );
  return true;
});

chrome.tabs.onRemoved.addListener((tabId) => void forget(tabId));
