import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeReported } from "../checks/meaning.js";
import { catalog, readJSON, textsOf } from "./catalog.mjs";

const table = readJSON("extension/meanings.json.gz");
/** @type {{text: string, means: string, heldOut: boolean}[]} */
const messages = readJSON("checks/symptom/testdata/messages.json");
const means = (/** @type {string} */ words) => judgeReported(words, table, catalog).map((f) => f.code);

test("meaning: of the most frequent messages, the part of the table that travels along knows most", () => {
  const known = new Set(table.meanings.map((/** @type {any} */ m) => `symptom.${m.code}`));
  const frequent = messages.filter((m) => known.has(m.means) && !m.heldOut);
  const right = frequent.filter((m) => means(m.text).includes(m.means));
  assert.ok(right.length / frequent.length >= 0.85, `${right.length} of ${frequent.length}`);
});

test("meaning: what has nothing to do with a login is not known", () => {
  for (const { text } of messages.filter((m) => m.means === "symptom.not-known")) assert.deepEqual(means(text), ["symptom.not-known"], text);
});

for (const [words, ...codes] of [
  ["ew044c300 と出ました", "symptom.app-no-answer"],
  ["ＥＷ０４４－Ｃ３００", "symptom.app-no-answer"],
  ["暗証番号を忘れました", "symptom.pin-forgotten"],
  ["カードを読み取れません。", "symptom.card-not-found"],
  ["エラーが発生しました", "symptom.generic-error"],
  ["メンテナンス中です", "symptom.maintenance"],
]) {
  test(`meaning: ${words}`, () => assert.deepEqual(means(words), codes));
}

test("meaning: each can be named and mended without the host", () => {
  for (const language of ["ja", "en"]) {
    const texts = textsOf(language);
    for (const code of [...table.meanings.map((/** @type {any} */ m) => `symptom.${m.code}`), "symptom.app-no-answer", "symptom.not-known"]) {
      const finding = catalog.finding(code, "info");
      assert.doesNotMatch(texts.title(finding), /symptom\./, code);
      assert.ok(texts.steps(finding).length > 0, code);
      for (const step of texts.steps(finding)) assert.match(step, /^[^{}]+$/, code);
    }
  }
});
