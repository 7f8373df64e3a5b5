import assert from "node:assert/strict";
import { test } from "node:test";
import { abortCardReads, diagnose, look, repair } from "../shared/host.js";

/** @param {() => Promise<any>} work */
const withHostLock = async (work) => work();

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
  /** @param {Function} f */
  removeListener(f) {
    this.listeners.delete(f);
  }
  /** @param {any[]} args */
  emit(...args) {
    for (const f of [...this.listeners]) f(...args);
  }
}

/** A request that needs no preparation. @param {DiagnoseRequest} request */
const made = (request) => Promise.resolve(() => request);

/** What has been begun goes on as far as it can. */
const settled = () => new Promise((next) => setTimeout(next));

/** @param {{lastError?: string, deadlines?: {hello: number, report: number}}} [options] */
function start({ lastError, deadlines = { hello: 60_000, report: 60_000 } } = {}) {
  const port = new FakePort();
  /** @type {any[]} */
  const findings = [];
  const result = diagnose(made({ loginInFlight: true, browser: "edge" }), (f) => findings.push(f), {
    connect: () => /** @type {any} */ (port),
    lastError: () => lastError,
    deadlines,
    withHostLock,
  });
  return { port, findings, result };
}

const hello = { type: "hello", protocol: 1, version: "0.1.0" };
const finding = { code: "card.ready", status: "ok", layer: "card" };

test("a diagnosis from hello to report", async () => {
  const { port, findings, result } = start();
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
    const { port, result } = start();
    for (const message of messages) port.onMessage.emit(message);
    await assert.rejects(result, { code: "host.garbled" });
    assert.ok(port.disconnected);
  });
}

test("a host that does not know us", async () => {
  const { port, result } = start();
  port.onMessage.emit({ type: "error", error: { code: "forbidden-origin" } });
  await assert.rejects(result, { code: "host.forbidden" });
});

test("a host that goes away", async () => {
  const { port, result } = start({ lastError: "Native host has exited." });
  port.onDisconnect.emit();
  await assert.rejects(result, { code: "host.exited" });
});

test("a host that never says hello", async () => {
  const { port, result } = start({ deadlines: { hello: 1, report: 60_000 } });
  await assert.rejects(result, { code: "host.silent" });
  assert.ok(port.disconnected);
});

test("a host that never reports", async () => {
  const { port, result } = start({ deadlines: { hello: 60_000, report: 1 } });
  port.onMessage.emit(hello);
  await assert.rejects(result, { code: "host.silent" });
});

test("a repair from hello to its outcome", async () => {
  const port = new FakePort();
  const outcome = repair("start-service", { connect: () => /** @type {any} */ (port), lastError: () => undefined, withHostLock });
  port.onMessage.emit(hello);
  await settled();
  assert.deepEqual(port.sent, [{ id: "1", type: "repair", action: "start-service" }]);
  port.onMessage.emit({ type: "something newer" });
  port.onMessage.emit({ type: "repaired", id: "1", action: "start-service", outcome: "declined" });
  assert.equal(await outcome, "declined");
  assert.ok(port.disconnected, "no host is left running");
});

test("the host starts while the request is prepared, and gets what holds when it is sent", async () => {
  const port = new FakePort();
  /** @type {(make: () => DiagnoseRequest) => void} */
  let prepare = () => {};
  const prepared = new Promise((/** @type {(make: () => DiagnoseRequest) => void} */ resolve) => (prepare = resolve));
  let loginInFlight = false;
  const result = diagnose(prepared, () => {}, { connect: () => /** @type {any} */ (port), lastError: () => undefined, withHostLock });
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
  const port = new FakePort();
  const result = diagnose(Promise.reject(new Error("no tabs")), () => {}, { connect: () => /** @type {any} */ (port), lastError: () => undefined, withHostLock });
  port.onMessage.emit(hello);
  await assert.rejects(result, { code: "host.silent" });
  assert.ok(port.disconnected);
});

test("looks that nobody has asked for are one, a press gets its own", async () => {
  /** @type {FakePort[]} */
  const ports = [];
  const ask = (/** @type {boolean} */ unasked) => {
    /** @type {any[]} */
    const findings = [];
    const connect = () => /** @type {any} */ (ports[ports.push(new FakePort()) - 1]);
    const request = { loginInFlight: true };
    const environment = { connect, lastError: () => undefined, withHostLock };
    const tell = (/** @type {Finding} */ f) => findings.push(f);
    const result = unasked ? look(() => request, tell, environment) : diagnose(made(request), tell, environment);
    return { result, findings };
  };
  const looks = [ask(true), ask(true), ask(false)];
  assert.equal(ports.length, 2);
  for (const port of ports) {
    port.onMessage.emit(hello);
    port.onMessage.emit({ type: "finding", id: "1", finding });
    port.onMessage.emit({ type: "report", id: "1", report: { findings: [finding] } });
  }
  for (const { result, findings } of looks) {
    assert.deepEqual((await result).findings, [finding]);
    assert.deepEqual(findings, [finding]);
  }
  ask(true);
  assert.equal(ports.length, 3, "the next look is another one");
});

test("a login that begins takes the card back, and leaves alone what does not touch it", async () => {
  const ask = (/** @type {boolean} */ loginInFlight) => {
    const port = new FakePort();
    const result = diagnose(made({ loginInFlight }), () => {}, { connect: () => /** @type {any} */ (port), lastError: () => undefined, withHostLock });
    port.onMessage.emit(hello);
    return { port, result };
  };
  const [reads, looks] = [ask(false), ask(true)];
  await settled();
  abortCardReads();
  await assert.rejects(reads.result, { code: "interrupted" });
  assert.ok(reads.port.disconnected);
  assert.ok(!looks.port.disconnected);
  looks.port.onMessage.emit({ type: "report", id: "1", report: { findings: [] } });
  await looks.result;
});
