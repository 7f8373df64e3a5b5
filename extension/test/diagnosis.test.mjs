import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const file = (/** @type {string} */ name) => readFileSync(new URL(`../${name}`, import.meta.url));

/** What the host was asked. @type {any[]} */
const asked = [];
/** Called when the worker reads what is kept for longer than a session. */
let whileItPrepares = () => {};

/** A host that takes one request, and ends. */
function connectNative() {
  /** @type {{[name: string]: Function[]}} */
  const listeners = { onMessage: [], onDisconnect: [] };
  const event = (/** @type {string} */ name) => ({ addListener: (/** @type {Function} */ f) => listeners[name].push(f) });
  queueMicrotask(() => listeners.onMessage.forEach((f) => f({ type: "hello", protocol: 1 })));
  const postMessage = (/** @type {any} */ message) => {
    asked.push(message);
    queueMicrotask(() => listeners.onDisconnect.forEach((f) => f()));
  };
  return { onMessage: event("onMessage"), onDisconnect: event("onDisconnect"), postMessage, disconnect: () => {} };
}

const storage = { get: async () => ({}), set: async () => {}, remove: async () => {} };
const chrome = {
  runtime: { getManifest: () => JSON.parse(file("manifest.json").toString()), getURL: (/** @type {string} */ name) => name, id: "x", connectNative, getPlatformInfo: async () => ({ os: "linux" }) },
  tabs: { query: async () => [], sendMessage: async () => null },
  scripting: { executeScript: async () => [] },
  cookies: { getAll: async () => [] },
  permissions: { contains: async () => false },
  i18n: { getUILanguage: () => "ja" },
  storage: { session: storage, local: { ...storage, get: async () => (whileItPrepares(), {}) } },
};
const fetch = async (/** @type {string} */ name) => new Response(file(name));
const locks = { request: (/** @type {string} */ _name, /** @type {object} */ _options, /** @type {Function} */ work) => work() };
Object.assign(globalThis, { chrome, fetch });
Object.defineProperty(globalThis, "navigator", { value: { userAgent: "", locks } });

const { runDiagnosis } = await import("../background/diagnosis.js");
const { abortCardReads } = await import("../shared/host.js");

test("diagnosis: nobody logs in", async () => {
  await runDiagnosis(-1, () => {});
  assert.equal(asked.pop()?.loginInFlight, false);
});

test("diagnosis: a login that begins while the request is prepared leaves the card alone", async () => {
  whileItPrepares = abortCardReads;
  await runDiagnosis(-1, () => {});
  assert.equal(asked.pop()?.loginInFlight, true);
});
