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
    void runDiagnosis(request.tabId, (event) => {
      if (open) port.postMessage(event);
    });
  });
});
