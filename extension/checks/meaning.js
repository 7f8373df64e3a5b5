/**
 * Judges what the person has reported, for when there is no host.
 * @param {string} words
 * @param {MeaningTable} table
 * @param {Catalog} catalog
 * @returns {Finding[]}
 */
export function judgeReported(words, table, catalog) {
  return meaningsOf(words, table).map(({ code, args }) => ({ ...catalog.finding(`symptom.${code}`, "info", args), reported: true }));
}

/**
 * Recognises what words mean, by the rules of checks/symptom/meaning.go and a part of its table.
 * @param {string} words
 * @param {MeaningTable} table
 * @returns {Symptom[]} at most three, the likeliest first; without "symptom."; not-known if there is none
 */
function meaningsOf(words, table) {
  const text = fold(words, table.spellings);
  const code = Object.keys(table.codes).find((c) => new RegExp(`(?<![a-z0-9])${c}(?![a-z0-9])`).test(text));
  if (code) return [{ code: table.codes[code][0], args: { errcode: table.codes[code][1] } }];
  const negation = new RegExp(`^[^|]{0,9}(${table.negations.replaceAll("|", "\\|").replaceAll(" ", "|")})`);
  const lengths = (/** @type {string} */ ideas) => ideas.split(" ").map((idea) => Math.max(...table.ideas[idea].split(" ").map((word) => lengthIn(text, word, negation))));
  const fits = table.meanings
    .map((m) => ({ ...m, found: lengths(m.ideas) }))
    .filter((m) => !m.found.includes(0) && !(m.without && lengths(m.without).some(Boolean)))
    .sort((a, b) => Number(a.last ?? 0) - Number(b.last ?? 0) || b.found.length - a.found.length || sum(b.found) - sum(a.found));
  const best = fits.filter((m) => m.last === fits[0].last && m.found.length === fits[0].found.length);
  const codes = [...new Set(best.map((m) => m.code)), ...(best.length > 0 ? [] : ["not-known"])];
  return codes.slice(0, 3).map((c) => ({ code: c }));
}

/**
 * The length of a word if the text holds it, else 0. After a word that ends in ~, a negation has to follow.
 * @param {string} text
 * @param {string} entry
 * @param {RegExp} negation
 */
function lengthIn(text, entry, negation) {
  const [word, negated] = entry.split(/(~)$/);
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!negated || negation.test(`${text.slice(at + word.length)}|`)) return word.length;
  }
  return 0;
}

/**
 * Drops what differs between spellings of the same words. "|" stands for the end of a sentence.
 * @param {string} words
 * @param {Record<string, string>} spellings
 */
function fold(words, spellings) {
  const plain = words.normalize("NFKC").toLowerCase().replace(/[。．.!?\n]+/g, "|").replace(/[^\p{L}\p{Nd}|]|[ー〜]/gu, "");
  return plain.replace(new RegExp(Object.keys(spellings).sort((a, b) => b.length - a.length).join("|"), "g"), (way) => spellings[way]);
}

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
