import assert from "node:assert/strict";
import { test } from "node:test";
import { Texts } from "../../extension/ui/texts.js";
import { catalog, readJSON } from "./catalog.mjs";

// The same cases are run by Go, in host/texts/texts_test.go.
for (const c of readJSON("testdata/texts/cases.json")) {
  test(`texts: ${c.name}`, () => {
    const messages = readJSON(`extension/_locales/${c.language}/messages.json`);
    const texts = new Texts(catalog, (key) => messages[key]?.message ?? "");
    assert.equal(texts.title(c.finding), c.title);
    if (c.detail) assert.equal(texts.detail(c.finding), c.detail);
    if (c.steps) assert.deepEqual(texts.steps(c.finding), c.steps);
  });
}
