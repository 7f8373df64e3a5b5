import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { modules, statements } from "./modules.mjs";

// eslint finds names that their own file does not use; this test finds exports that no file imports.
test("what is exported is imported somewhere", () => {
  const offered = new Set();
  const taken = new Set();
  for (const file of modules("extension")) {
    for (const { type, source, specifiers, declaration } of statements(file)) {
      if (type === "ImportDeclaration") {
        for (const { imported } of specifiers) taken.add(`${join(dirname(file), source.value)} ${imported?.name}`);
      }
      if (type === "ExportNamedDeclaration") {
        for (const { id } of declaration.declarations ?? [declaration]) offered.add(`${file} ${id.name}`);
      }
    }
  }
  assert.ok(offered.size > 50);
  assert.deepEqual([...offered].filter((name) => !taken.has(name)), []);
});
