import assert from "node:assert/strict";
import { test } from "node:test";
import { reportJSON, reportText, runOf } from "../ui/report-text.js";
import { catalog, readJSON, textsOf } from "./catalog.mjs";

// The same cases are run by Go, in host/report/report_test.go.
for (const c of readJSON("testdata/reports/texts.json")) {
  test(`report: ${c.name}`, () => {
    const { version, simulated, facts, otherWays, ...run } = c.report;
    const host = version ? { protocol: 1, timings: {}, version, simulated, facts, otherWays } : null;
    assert.equal(reportText({ browser: null, ...run, host }, catalog, textsOf(c.language)), c.text);
  });
}

test("report: what is kept says less than the screen", () => {
  const shown = { ...catalog.finding("certificate.valid", "ok", { notAfter: "2028-08-29" }), title: "2028年8月29日まで", record: { args: { notAfter: "2028" }, title: "2028年まで" } };
  const run = runOf({ findings: [shown], verdict: shown, host: null, browser: null, before: [] }, "0.1.0", new Date());
  const kept = JSON.stringify(reportJSON(run, textsOf("ja"))) + reportText(run, catalog, textsOf("ja"));
  assert.doesNotMatch(kept, /08-29|8月29日|record/);
  assert.match(kept, /2028年まで/);
});

test("report: JSON has the shape of the command line's", () => {
  const saved = readJSON("testdata/reports/v1-command-line.json");
  const outcome = { findings: [catalog.finding("browser.incognito", "failure")], verdict: catalog.finding("browser.incognito", "failure"), host: null, browser: null, before: [] };
  const made = reportJSON(runOf(outcome, "0.1.0", new Date("2027-02-16T03:00:00.123Z")), textsOf("ja"));
  for (const key of Object.keys(saved)) assert.ok(key in made, key);
  assert.equal(made.schema, saved.schema);
  assert.equal(made.generatedAt, "2027-02-16T03:00:00Z");
  assert.match(made.findings[0].title, /シークレット/);
  assert.equal(made.facts, null);
});
