import { Diagnosis, shownTab } from "./diagnosis.js";

/** The popup's first check: it begins before the rest of the popup is loaded. */
export const begun = shownTab().then((tabId) => new Diagnosis({ tabId }));
