/** @import {CatalogData, CatalogEntry, Finding, Status} from "../types.d.ts" */

/** The catalogue of codes and layers, generated from the lists that the host is built from. */
export class Catalog {
  /** @param {CatalogData} data */
  constructor(data) {
    const classes = new Map(data.layers.map((layer) => [layer.name, layer.class ?? "authentication"]));
    /** From the card to e-Tax. */
    this.layers = [...classes.keys()];
    /** The places in the picture of the way, and the layers that each stands for. */
    this.stations = data.stations.map((name) => ({ name, layers: data.layers.filter((l) => l.station === name).map((l) => l.name) }));
    /** For each layer that the host judges, the code that says that all is well there. */
    this.hostSide = data.layers.flatMap((layer) => layer.fine ?? []);
    /** The layer of a code that names none, by its first word; the verdicts have none. */
    const byPrefix = new Map(data.layers.flatMap(({ name, prefixes = [] }) => [name, ...prefixes].map((prefix) => [prefix, name])));
    /** @type {Map<string, CatalogEntry>} */
    this.entries = new Map(
      Object.entries(data.codes).map(([code, entry]) => {
        const { layer = byPrefix.get(code.split(".")[0]) ?? "" } = entry;
        return [code, { class: classes.get(layer) ?? "", difficulty: "", ...entry, code, layer }];
      }),
    );
    this.rank = new Map([...this.entries.keys()].map((code, i) => [code, i]));
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
    return { code, status, layer: entry.layer, ...(args && { args }) };
  }

  /**
   * The codes that would explain a symptom, likeliest first: by the symptom's groups, and within a group in the
   * catalogue's order. None for what is no symptom.
   * @param {string} symptom
   */
  explainedBy(symptom) {
    const groups = this.entries.get(symptom)?.explainedBy ?? [];
    return groups.flatMap((group) => [...this.entries.values()].filter((e) => e.explains?.includes(group)).map((e) => e.code));
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
