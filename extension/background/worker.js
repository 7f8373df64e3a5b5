/** @import {DiagnosisRequest} from "../types.d.ts" */
import { runDiagnosis } from "./diagnosis.js";

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
