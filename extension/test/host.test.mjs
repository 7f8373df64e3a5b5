import assert from "node:assert/strict";
import { test } from "node:test";
import { abortCardReads, diagnose, look, repair } from "../shared/host.js";

/** A port; the test acts as the host. */
class FakePort {
  /** @type {any[]} */
  sent = [];
  disconnected = false;
  onMessage = new FakeEvent();
  onDisconnect = new FakeEvent();
  /** @param {any} message */
  postMessage(message) {
    this.sent.push(message);
  }
  disconnect() {
    this.disconnected = true;
  }
}

class FakeEvent {
  /** @type {Set<Function>} */
  listeners = new Set();
  /** @param {Function} f */
  addListener(f) {
    this.listeners.add(f);
  }
  /** @param {any[]} args */
  emit(...args) {
    for (const f of [...this.listeners]) f(...args);
  }
}

/** The hosts that were started. @type {FakePort[]} */
const ports = [];
/** @type {string | undefined} */
let lastError;
/** Resolves when the lock is free. @type {Promise<unknown>} */
let lock = Promise.resolve();
const locks = { request: (/** @type {string} */ _name, /** @type {object} */ _options, /** @type {() => unknown} */ work) => lock.then(work) };
const runtime = {
  connectNative: () => ports[ports.push(new FakePort()) - 1],
  get lastError() {
    return { message: lastError };
  },
};
Object.assign(globalThis, { chrome: { runtime } });
Object.defineProperty(globalThis, "navigator", { value: { locks } });

/** A request that needs no preparation. @param {DiagnoseRequest} request */
const made = (request) => Promise.resolve(() => request);

/** What has been begun goes on as far as it can. */
const settled = async () => {
  for (let i = 0; i < 20; i++) await undefined;
};

/** Begins what starts a host, and returns the host. @template T @param {() => Promise<T>} begin */
async function started(begin) {
  const result = begin();
  result.catch(() => {}); // until it is waited for
  await settled();
  return { result, port: ports[ports.length - 1] };
}

/** @param {import("node:test").TestContext} [t] whose clock then stands still */
async function start(t) {
  /** @type {any[]} */
  const findings = [];
  t?.mock.timers.enable({ apis: ["setTimeout"] });
  return { findings, ...(await started(() => diagnose(made({ loginInFlight: true, browser: "edge" }), (f) => findings.push(f)))) };
}

const hello = { type: "hello", protocol: 1, version: "0.1.0" };
const finding = { code: "card.ready", status: "ok", layer: "card" };

test("a diagnosis from hello to report", async () => {
  const { port, findings, result } = await start();
  port.onMessage.emit(hello);
  await settled();
  assert.deepEqual(port.sent, [{ id: "1", type: "diagnose", loginInFlight: true, browser: "edge" }]);
  port.onMessage.emit({ type: "progress", id: "1", probe: "card", state: "started" });
  port.onMessage.emit({ type: "finding", id: "1", finding });
  port.onMessage.emit({ type: "something newer" });
  const kept = { version: "0.1.0", simulated: "", facts: { schema: "etax-doctor.facts/1" }, timings: { card: 5 } };
  port.onMessage.emit({ type: "report", id: "1", report: { findings: [finding], ...kept } });
  assert.deepEqual(await result, { protocol: 1, findings: [finding], report: { protocol: 1, ...kept } });
  assert.deepEqual(findings, [finding]);
  assert.ok(port.disconnected, "no host is left running");
});

for (const [name, messages] of /** @type {[string, any[]][]} */ ([
  ["no hello first", [{ type: "finding", finding }]],
  ["hello without a protocol", [{ type: "hello" }]],
  ["two hellos", [hello, hello]],
  ["texts that are none", [hello, { type: "finding", finding: { ...finding, steps: [1] } }]],
  ["a finding that is none", [hello, { type: "finding", finding: { code: 1 } }]],
  ["a report without findings", [hello, { type: "report", report: {} }]],
  ["a report with garbage in it", [hello, { type: "report", report: { findings: [null] } }]],
  ["null", [null]],
  ["a host that refuses our message", [hello, { type: "error", error: { code: "bad-request" } }]],
])) {
  test(`garbled: ${name}`, async () => {
    const { port, result } = await start();
    for (const message of messages) port.onMessage.emit(message);
    await assert.rejects(result, { code: "host.garbled" });
    assert.ok(port.disconnected);
  });
}

test("a host that does not know us", async () => {
  const { port, result } = await start();
  port.onMessage.emit({ type: "error", error: { code: "forbidden-origin" } });
  await assert.rejects(result, { code: "host.forbidden" });
});

test("a host that goes away", async () => {
  lastError = "Native host has exited.";
  const { port, result } = await start();
  port.onDisconnect.emit();
  await assert.rejects(result, { code: "host.exited" });
});

for (const [name, messages, code] of /** @type {[string, any[], string][]} */ ([
  ["before its hello", [], "host.garbled"],
  ["after it, while it is asked", [hello], "host.exited"],
  ["after it has begun to answer", [hello, { type: "finding", finding }], "host.garbled"],
])) {
  test(`an error of communication ${name}`, async () => {
    lastError = "Error when communicating with the native messaging host.";
    const { port, result } = await start();
    for (const message of messages) port.onMessage.emit(message);
    port.onDisconnect.emit();
    await assert.rejects(result, { code });
  });
}

test("a host that never says hello", async (t) => {
  const { port, result } = await start(t);
  t.mock.timers.tick(5_000);
  await assert.rejects(result, { code: "host.silent" });
  assert.ok(port.disconnected);
});

test("a host that never reports", async (t) => {
  const { port, result } = await start(t);
  port.onMessage.emit(hello);
  await settled();
  t.mock.timers.tick(12_000);
  await assert.rejects(result, { code: "host.silent" });
});

test("a preparation that never ends", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { port, result } = await started(() => diagnose(new Promise(() => {}), () => {}));
  port.onMessage.emit(hello);
  t.mock.timers.tick(12_000);
  await assert.rejects(result, { code: "host.silent" });
  assert.ok(port.disconnected, "no host is left running");
});

test("a preparation that fails while another host is waited for", async () => {
  let free = () => {};
  lock = new Promise((resolve) => (free = () => resolve(undefined)));
  const result = diagnose(Promise.reject(new Error("no tabs")), () => {});
  await settled();
  free();
  await assert.rejects(result, { code: "host.silent" });
});

test("a repair from hello to its outcome", async () => {
  const { port, result } = await started(() => repair("start-service"));
  port.onMessage.emit(hello);
  await settled();
  assert.deepEqual(port.sent, [{ id: "1", type: "repair", action: "start-service" }]);
  port.onMessage.emit({ type: "something newer" });
  port.onMessage.emit({ type: "repaired", id: "1", action: "start-service", outcome: "declined" });
  assert.equal(await result, "declined");
  assert.ok(port.disconnected, "no host is left running");
});

test("the host starts while the request is prepared, and gets what holds when it is sent", async () => {
  /** @type {(make: () => DiagnoseRequest) => void} */
  let prepare = () => {};
  const prepared = new Promise((/** @type {(make: () => DiagnoseRequest) => void} */ resolve) => (prepare = resolve));
  let loginInFlight = false;
  const { port, result } = await started(() => diagnose(prepared, () => {}));
  port.onMessage.emit(hello);
  await settled();
  assert.deepEqual(port.sent, []);
  loginInFlight = true;
  prepare(() => ({ loginInFlight }));
  await settled();
  assert.deepEqual(port.sent, [{ id: "1", type: "diagnose", loginInFlight: true }]);
  port.onMessage.emit({ type: "report", id: "1", report: { findings: [] } });
  await result;
});

test("a preparation that fails ends the host", async () => {
  const { port, result } = await started(() => diagnose(Promise.reject(new Error("no tabs")), () => {}));
  port.onMessage.emit(hello);
  await assert.rejects(result, { code: "host.silent" });
  assert.ok(port.disconnected);
});

test("a request that waits for another host gets what holds when it is sent", async () => {
  let free = () => {};
  lock = new Promise((resolve) => (free = () => resolve(undefined)));
  const before = ports.length;
  let loginInFlight = false;
  const result = diagnose(Promise.resolve(() => ({ loginInFlight })), () => {});
  await settled();
  assert.equal(ports.length, before, "no host is started");
  loginInFlight = true;
  free();
  await settled();
  const port = ports[before];
  port.onMessage.emit(hello);
  await settled();
  assert.deepEqual(port.sent, [{ id: "1", type: "diagnose", loginInFlight: true }]);
  port.onMessage.emit({ type: "report", id: "1", report: { findings: [] } });
  await result;
});

test("looks that nobody has asked for are one, a press gets its own", async () => {
  const before = ports.length;
  const make = () => ({ loginInFlight: true });
  const looks = [look(make, () => {}), look(make, () => {}), diagnose(made(make()), () => {})];
  await settled();
  assert.equal(ports.length, before + 2);
  for (const port of ports.slice(before)) {
    port.onMessage.emit(hello);
    port.onMessage.emit({ type: "report", id: "1", report: { findings: [finding] } });
  }
  for (const answer of looks) assert.deepEqual((await answer).findings, [finding]);
  const { port, result } = await started(() => look(make, () => {}));
  assert.equal(ports.length, before + 3, "the next look is another one");
  port.onDisconnect.emit();
  await assert.rejects(result);
});

test("a login that begins takes the card back, and leaves alone what does not touch it", async () => {
  const reads = await started(() => diagnose(made({ loginInFlight: false }), () => {}));
  const looks = await started(() => diagnose(made({ loginInFlight: true }), () => {}));
  for (const { port } of [reads, looks]) port.onMessage.emit(hello);
  await settled();
  abortCardReads();
  await assert.rejects(reads.result, { code: "interrupted" });
  assert.ok(reads.port.disconnected);
  assert.ok(!looks.port.disconnected);
  looks.port.onMessage.emit({ type: "report", id: "1", report: { findings: [] } });
  await looks.result;
});
