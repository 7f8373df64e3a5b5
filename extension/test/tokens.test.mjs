import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { catalog } from "./catalog.mjs";

const read = (/** @type {string} */ path) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");
const css = read("ui/tokens.css");

/** The two colours of a token: on light ground and on dark. @param {string} name @returns {string[]} */
function colours(name) {
  const value = new RegExp(`--${name}: (.*);`).exec(css)?.[1] ?? "";
  const parts = /light-dark\((.*), (.*)\)/.exec(value)?.slice(1) ?? [value, value];
  return parts.map((part, i) => (part.startsWith("var(--") ? colours(part.slice(6, -1))[i] : part));
}

/** WCAG 2's relative luminance. @param {string} colour */
function luminance(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {string} a @param {string} b */
function contrast(a, b) {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

test("tokens: texts have a contrast of 7:1, and the rest of 4.5:1, in both themes", () => {
  const tones = ["failure", "warning", "ok"];
  const pairs = [
    ...["ground", "panel", ...tones.map((tone) => `${tone}-ground`)].flatMap((ground) => [["text", ground, 7], ["soft", ground, 7]]),
    ...[...tones, "action"].map((tone) => [tone, "ground", 7]),
    ["on-action", "action", 7],
    ...tones.map((tone) => [tone, `${tone}-ground`, 4.5]),
  ];
  for (const [ink, ground, least] of pairs) {
    for (const theme of [0, 1]) {
      const found = contrast(colours(String(ink))[theme], colours(String(ground))[theme]);
      assert.ok(found >= Number(least), `${ink} on ${ground}, ${theme ? "dark" : "light"}: ${found.toFixed(2)}`);
    }
  }
});

test("tokens: no colour stands twice", () => {
  const files = ["ui", "content", "background"].flatMap((folder) => readdirSync(new URL(`../${folder}`, import.meta.url)).map((file) => read(`${folder}/${file}`)));
  const all = files.flatMap((text) => text.match(/#[0-9a-f]{6}\b/g) ?? []);
  assert.ok(all.length > 20);
  assert.deepEqual(all.filter((colour, i) => all.indexOf(colour) !== i), []);
});

test("every station has a picture", () => {
  for (const { name } of catalog.stations) assert.ok(read("icons/stations.svg").includes(`<symbol id="${name}"`), name);
});
