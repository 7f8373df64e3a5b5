import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { createContext, runInContext } from "node:vm";

/** Runs the content script; the worker, when it gets a message, answers, or is stopped (returns undefined). @param {(message: any) => unknown} worker */
async function tellWith(worker) {
  const context = createContext({
    etaxDoctorWords: { hosts: [] },
    location: { ancestorOrigins: [], origin: "" },
    performance,
    setTimeout,
    clearTimeout,
    chrome: { runtime: { id: "x", sendMessage: async (/** @type {any} */ message) => worker(message) } },
  });
  runInContext(`${await readFile(new URL("../content/tell.js", import.meta.url), "utf8")}; globalThis.tell = etaxDoctorTell.tell`, context);
  return context.tell;
}

test("a message that is repeated is not overtaken, but by a login's begin", async () => {
  /** @type {string[]} */
  const came = [];
  let stopped = true;
  const tell = await tellWith(({ seq, event }) => {
    if (stopped) return undefined;
    came.push(`${seq} ${event.kind}`);
    return { banner: null };
  });
  const answer = tell({ kind: "answer", result: "1", errcode: "" });
  await new Promise((done) => setTimeout(done, 0)); // it was not answered
  stopped = false;
  await Promise.all([tell({ kind: "texts", texts: [] }), tell({ kind: "launch" }), tell({ kind: "deadline" }), answer]);
  assert.deepEqual(came, ["2 launch", "1 answer", "3 texts", "4 deadline"]);
});

test("what is told at once is sent in its order", async () => {
  /** @type {string[]} */
  const came = [];
  const tell = await tellWith(({ event }) => {
    came.push(event.kind);
    return { banner: null };
  });
  await Promise.all([tell({ kind: "press" }), tell({ kind: "launch" }), tell({ kind: "texts", texts: [] })]);
  assert.deepEqual(came, ["press", "launch", "texts"]);
});
