import assert from "node:assert/strict";
import { test } from "node:test";
import { WORST_FIRST, apart, verdict } from "../shared/verdict.js";
import { catalog, hostSide, readJSON } from "./catalog.mjs";

/** The same cases are run by Go, in checks/finding/verdict_test.go. @param {string} file */
const cases = (file) => readJSON(`testdata/verdicts/${file}`);

/** @param {any[]} findings @returns {Finding[]} */
const placed = (findings) => findings.map((f) => ({ ...hostSide.get(f.code), ...f }));

for (const c of cases("cases.json")) {
  test(`verdict: ${c.name}`, () => {
    const { verdict: chosen, findings } = verdict(placed(c.findings), catalog);
    assert.equal(chosen.code, c.verdict);
    assert.equal(findings.length, c.findings.length);
    if (c.apart) assert.deepEqual(apart(findings, chosen, catalog).map((f) => f.code), c.apart);
    for (const { code, status } of findings) assert.equal(status, c.weighed?.[code] ?? status, code);
  });
}

for (const c of cases("order.json")) {
  test(`order: ${c.name}`, () => {
    const findings = placed(c.findings);
    assert.equal(WORST_FIRST.find((status) => findings.some((f) => f.status === status)), c.worst);
    assert.deepEqual(findings.sort((a, b) => catalog.compare(a, b)).map((f) => f.code), c.order);
  });
}
