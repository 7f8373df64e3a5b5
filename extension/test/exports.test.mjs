import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "espree";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * The module files below a folder.
 * @param {string} folder
 */
const modules = (folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.m?js$/.test(file) && !file.startsWith("content"))
    .map((file) => join(root, folder, file));

// eslint sees what is not used within a file; this is for what one file offers and no other takes.
test("what is exported is imported somewhere", () => {
  const offered = new Set();
  const taken = new Set();
  for (const file of modules("extension")) {
    /** @type {any[]} */
    const body = parse(readFileSync(file, "utf8"), { ecmaVersion: "latest", sourceType: "module" }).body;
    for (const { type, source, specifiers, declaration } of body) {
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
