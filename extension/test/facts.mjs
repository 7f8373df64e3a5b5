import { IDLE } from "../checks/attempt.js";

/** @type {Agent} */
const agent = { userAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64)", platform: "Windows" };

/** A fresh login page with the bridge at work. @type {PageFacts} */
export const page = {
  bridges: ["36"],
  texts: [],
  page: "login",
  navigation: "navigate",
  age: 1000,
  cookiesEnabled: true,
};

/** A browser in which nothing is wrong. @type {BrowserFacts} */
export const healthy = {
  onEtaxPage: true,
  incognito: false,
  page,
  browser: "chrome",
  tabs: 1,
  loggedInElsewhere: false,
  cookies: 4,
  attempt: IDLE,
  extensions: null,
  agent,
  ownAgent: agent,
  stale: 1_200_000,
  portalAllowed: false,
};

/**
 * @param {Partial<ExtensionFacts>} known
 * @returns {ExtensionFacts}
 */
export function extension(known) {
  return { id: "a".repeat(32), name: "x", version: "1.0", enabled: true, type: "extension", permissions: [], hostPermissions: [], ...known };
}

/** The official bridge extension. */
export const bridge = extension({
  id: "fjjibalalngebiaophebgkkohaaggphf",
  name: "マイナポータル",
  version: "36",
  permissions: ["nativeMessaging"],
  hostPermissions: ["https://*.go.jp/*"],
});

/** @param {{code: string, status: string}[]} findings */
export const brief = (findings) => findings.map((f) => `${f.code} ${f.status}`);
