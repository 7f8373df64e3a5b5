import { readFileSync } from "node:fs";
import { Catalog } from "../shared/catalog.js";

/** @param {string} path below the project's root */
export function readJSON(path) {
  return JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), "utf8"));
}

/** The known texts of the pages, from the script that holds them. @type {import("../types.d.ts").Words} */
export const pageWords = JSON.parse(/= (.*);\n$/s.exec(readFileSync(new URL("../content/words.js", import.meta.url), "utf8"))?.[1] ?? "");

export const catalog = new Catalog(readJSON("extension/catalog.json"));
