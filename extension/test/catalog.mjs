import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Catalog } from "../shared/catalog.js";
import { Texts, inLanguage } from "../shared/texts.js";

/** @param {string} path below the project's root */
export function readJSON(path) {
  const data = readFileSync(new URL(`../../${path}`, import.meta.url));
  return JSON.parse((path.endsWith(".gz") ? gunzipSync(data) : data).toString());
}

/** The known texts of the pages, from the script that holds them. @type {Words} */
export const pageWords = JSON.parse(/= (.*);\n$/s.exec(readFileSync(new URL("../content/words.js", import.meta.url), "utf8"))?.[1] ?? "");

/** The arguments of the codes of the browser's side, as their codes.json declare them. @type {Map<string, Record<string, string>>} */
const declared = new Map(
  readdirSync(new URL("../checks/", import.meta.url))
    .filter((file) => file.endsWith(".codes.json"))
    .flatMap((file) => readJSON(`extension/checks/${file}`).codes.map((/** @type {any} */ c) => [c.code, c.args ?? {}])),
);

/** What the host says of each code. @type {Map<string, any>} */
export const hostSide = new Map(
  readJSON("checks/finding/catalog.json").codes.map((/** @type {any} */ entry, /** @type {number} */ rank) => [entry.code, { explainedBy: [], ...entry, rank }]),
);

/**
 * The catalogue, which holds every finding of a test to its declared arguments, as finding.New does in Go. Those of the
 * machine's codes are as the host sends them.
 */
class StrictCatalog extends Catalog {
  /** @type {Catalog["finding"]} */
  finding(code, status, args) {
    const kinds = declared.get(code);
    const speaksForItself = status === "skipped" || (status === "unknown" && code.endsWith(".ready"));
    if (kinds && !speaksForItself) {
      for (const name of Object.keys(args ?? {})) assert.ok(name in kinds, `${code} has no argument ${name}`);
      for (const [name, kind] of Object.entries(kinds)) assert.ok(kind.endsWith("?") || name in (args ?? {}), `${code} lacks ${name}`);
    }
    return this.entries.has(code) ? super.finding(code, status, args) : { ...hostSide.get(code), status, ...(args && { args }) };
  }
}

export const catalog = new StrictCatalog(readJSON("extension/catalog.json.gz"));

/**
 * The extension's own texts.
 * @param {string} language
 */
export function textsOf(language) {
  const messages = inLanguage(readJSON("extension/texts.json.gz"), language);
  return new Texts(catalog, (key) => messages.get(key) ?? "");
}
