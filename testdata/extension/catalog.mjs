import { readFileSync } from "node:fs";
import { Catalog } from "../../extension/checks/catalog.js";

/** @param {string} path below the project's root */
export function readJSON(path) {
  return JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
}

export const catalog = new Catalog(readJSON("extension/catalog.json"));
