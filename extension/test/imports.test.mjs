import assert from "node:assert/strict";
import { test } from "node:test";
import { importsOf, modules, root } from "./modules.mjs";

/** Which folders a folder's modules may import from, besides their own. @type {Record<string, string[]>} */
const ALLOWED = {
  background: ["checks", "shared"],
  ui: ["checks", "shared"],
};

test("background, ui and content have only checks and shared in common", () => {
  let seen = 0;
  for (const file of modules("extension").filter((f) => !f.includes("/test/"))) {
    const folder = file.slice(root.length).split("/")[1];
    for (const imported of importsOf(file)) {
      const from = imported.slice(root.length).split("/")[1];
      assert.ok(from === folder || ALLOWED[folder]?.includes(from), `${file} imports ${imported}`);
      seen++;
    }
  }
  assert.ok(seen > 30);
});
