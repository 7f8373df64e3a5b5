import assert from "node:assert/strict";
import { test } from "node:test";
import { Texts } from "../../extension/ui/texts.js";
import { catalog, readJSON } from "./catalog.mjs";

// The same cases are run by Go, in host/texts/texts_test.go.
for (const c of readJSON("testdata/texts/cases.json")) {
  test(`texts: ${c.name}`, () => {
    const messages = readJSON(`extension/_locales/${c.language}/messages.json`);
    // The host's own texts are filled in by the host; here they only show that both sides go by one rule.
    const hosts = readJSON(`host/texts/locales/${c.language}.json`);
    const texts = new Texts(catalog, (key) => messages[key]?.message ?? hosts[key] ?? "");
    assert.equal(texts.title(c.finding), c.title);
    if (c.detail) assert.equal(texts.detail(c.finding), c.detail);
    if (c.steps) assert.deepEqual(texts.steps(c.finding), c.steps);
  });
}

const messages = readJSON("extension/_locales/ja/messages.json");
const own = new Texts(catalog, (key) => messages[key]?.message ?? "");

test("texts: what the host has sent is shown as it is", () => {
  const sent = { code: "reader.none", status: /** @type {const} */ ("failure"), layer: "reader", title: "題", detail: "", steps: ["一"] };
  assert.deepEqual([own.title(sent), own.detail(sent), own.steps(sent)], ["題", "", ["一"]]);
});

test("texts: a finding of an older host, which sends none, is named by its code", () => {
  const bare = { code: "reader.none", status: /** @type {const} */ ("failure"), layer: "reader" };
  assert.match(own.title(bare), /reader\.none/);
  assert.match(own.detail(bare), /更新/);
});
