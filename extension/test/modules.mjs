import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "espree";

/** The project's folder. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * The module files below a folder. Content scripts are no modules.
 * @param {string} folder
 */
export const modules = (folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.m?js$/.test(file) && !file.startsWith("content"))
    .map((file) => join(root, folder, file));

/**
 * The statements of a module.
 * @param {string} file
 * @returns {any[]}
 */
export const statements = (file) => parse(readFileSync(file, "utf8"), { ecmaVersion: "latest", sourceType: "module" }).body;

/**
 * The files that a module imports.
 * @param {string} file
 */
export const importsOf = (file) =>
  statements(file)
    .filter(({ type, source }) => type === "ImportDeclaration" && source.value.startsWith("."))
    .map(({ source }) => join(dirname(file), source.value));
