import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Texts, language } from "../shared/texts.js";
import { catalog, readJSON, textsOf } from "./catalog.mjs";

/**
 * The texts of the host, in the form of Table in host/texts/texts.go.
 * @param {string} language
 * @returns {Record<string, string>}
 */
function hostTexts(language) {
  const lines = readFileSync(new URL(`../../host/texts/generated/${language}.txt`, import.meta.url), "utf8").trimEnd().split("\n");
  const unescaped = (/** @type {string} */ text) => text.replace(/\\(.)/g, (_, c) => (c === "n" ? "\n" : c));
  return Object.fromEntries(lines.map((line) => line.split("\t")).map(([key, text]) => [key, unescaped(text)]));
}

// Go runs all of these cases, in host/texts/texts_test.go. Only the host's texts have dates.
for (const c of readJSON("testdata/texts/cases.json").filter((/** @type {any} */ c) => c.side !== "host")) {
  test(`texts: ${c.name}`, () => {
    // The texts of both sides, to show that both are filled in by one rule.
    const all = hostTexts(c.language);
    const texts = new Texts(catalog, (key) => all[key] ?? "");
    assert.equal(texts.title(c.finding), c.title);
    if (c.detail) assert.equal(texts.detail(c.finding), c.detail);
    if (c.steps) assert.deepEqual(texts.steps(c.finding), c.steps);
  });
}

test("texts: the browser's own language, unless the person has chosen one", async () => {
  const speaks = (/** @type {string} */ tag, /** @type {object} */ kept = {}) => {
    Object.assign(globalThis, { chrome: { i18n: { getUILanguage: () => tag }, storage: { local: { get: async () => kept } } } });
    return language();
  };
  for (const [tag, spoken] of [["ja", "ja"], ["ja-JP", "ja"], ["en-GB", "en"], ["fr", "en"]]) assert.equal(await speaks(tag), spoken);
  assert.equal(await speaks("fr", { language: "ja" }), "ja");
});

const own = textsOf("ja");

test("texts: what the host has sent is shown as it is", () => {
  const sent = { code: "reader.none", status: /** @type {const} */ ("failure"), layer: "reader", title: "題", detail: "", steps: ["一"] };
  assert.deepEqual([own.title(sent), own.detail(sent), own.steps(sent)], ["題", "", ["一"]]);
});

test("texts: a finding of an older host, which sends none, is named by its code", () => {
  const bare = { code: "reader.none", status: /** @type {const} */ ("failure"), layer: "reader" };
  assert.match(own.title(bare), /reader\.none/);
  assert.match(own.detail(bare), /新しいバージョン/);
});
