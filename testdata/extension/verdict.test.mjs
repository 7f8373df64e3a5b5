import assert from "node:assert/strict";
import { test } from "node:test";
import { verdict } from "../../extension/checks/verdict.js";
import { catalog, readJSON } from "./catalog.mjs";

// The same cases are run by Go, in checks/finding/verdict_test.go.
for (const c of readJSON("testdata/verdicts/cases.json")) {
  test(`verdict: ${c.name}`, () => {
    /** @type {any[]} */
    const findings = c.findings.map((/** @type {any} */ f) => {
      const { layer, explainedBy } = catalog.entries.get(f.code) ?? f;
      return { explainedBy, ...f, layer };
    });
    assert.equal(verdict(findings, catalog).code, c.verdict);
  });
}
