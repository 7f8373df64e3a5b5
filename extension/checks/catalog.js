/** @import {CatalogData, CatalogEntry, Finding, Status} from "../types.d.ts" */

/** The catalogue of codes, shared with the Go program. */
export class Catalog {
  /** @param {CatalogData} data */
  constructor(data) {
    const classes = new Map(data.layers.map((layer) => [layer.name, layer.class ?? "authentication"]));
    this.layers = [...classes.keys()];
    /** @type {Map<string, CatalogEntry>} */
    this.entries = new Map(
      data.codes.map((entry) => {
        // A code's first word is its layer's, but for a few.
        const { code, layer = code.split(".")[0], effort = "", ...more } = entry;
        return [code, { code, layer, class: classes.get(layer) ?? "", difficulty: effort, ...more }];
      }),
    );
    this.rank = new Map(data.codes.map((entry, i) => [entry.code, i]));
  }

  /** Reads the catalogue that lies in the extension. */
  static async load() {
    const response = await fetch(chrome.runtime.getURL("catalog.json"));
    return new Catalog(await response.json());
  }

  /**
   * Makes a finding; its layer is the catalogue's.
   * @param {string} code
   * @param {Status} status
   * @param {Record<string, string>} [args]
   * @returns {Finding}
   */
  finding(code, status, args) {
    const entry = this.entries.get(code);
    if (!entry) throw new Error(`finding code ${code} is not in the catalogue`);
    return { code, status, layer: entry.layer, ...(args && { args }), ...(entry.explainedBy && { explainedBy: entry.explainedBy }) };
  }

  /**
   * Orders findings by nearness to the card, then by the catalogue. What this version does not know comes last.
   * @param {Finding} a
   * @param {Finding} b
   */
  compare(a, b) {
    return this.#layer(a) - this.#layer(b) || this.#code(a) - this.#code(b);
  }

  /** @param {Finding} f */
  #layer(f) {
    const i = this.layers.indexOf(f.layer);
    return i < 0 ? this.layers.length : i;
  }

  /** @param {Finding} f */
  #code(f) {
    return this.rank.get(f.code) ?? this.rank.size;
  }
}
