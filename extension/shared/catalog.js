import { table } from "./table.js";

/** The catalogue of codes and layers, generated from the lists that the host is built from. */
export class Catalog {
  /** @param {CatalogData} data */
  constructor(data) {
    /** Hardware or authentication, of each layer. */
    this.classes = new Map(data.layers.map((layer) => [layer.name, layer.class ?? "authentication"]));
    /** From the card to e-Tax. */
    this.layers = [...this.classes.keys()];
    /** The stations of the drawn path, and the layers of each. */
    this.stations = data.stations.map((name) => ({ name, layers: data.layers.filter((l) => l.station === name).map((l) => l.name) }));
    /** For each layer that the host judges, the code for "all is well". */
    this.hostSide = data.layers.flatMap((layer) => layer.fine ?? []);
    /** For codes that name no layer: the layer by the code's first word. Verdicts have no layer. */
    const byPrefix = new Map(data.layers.flatMap(({ name, prefixes = [] }) => [name, ...prefixes].map((prefix) => [prefix, name])));
    /** @type {Map<string, CatalogEntry>} */
    this.entries = new Map(
      Object.entries(data.codes).map(([code, entry]) => {
        const { layer = byPrefix.get(code.split(".")[0]) ?? "" } = entry;
        return [code, { ...entry, code, layer }];
      }),
    );
    [...this.entries.values()].forEach((entry, rank) => (entry.rank = rank));
    for (const { name, fine } of data.layers) if (fine) this.entries.set(fine, { code: fine, layer: name, fine: true });
  }

  static async load() {
    return new Catalog(await table("catalog.json.gz"));
  }

  /**
   * Makes a finding with its layer.
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

  /** The entry of a finding's code: the host's findings have it in them. @param {Finding} f @returns {EntryData} */
  of(f) {
    return { ...f, ...this.entries.get(f.code) };
  }

  /**
   * Those of the findings that can explain a symptom, likeliest first: in the order of its groups, then of the catalogue.
   * @param {Finding} symptom
   * @param {Finding[]} findings
   */
  explaining(symptom, findings) {
    const ordered = [...findings].sort((a, b) => this.compare(a, b));
    return (this.of(symptom).explainedBy ?? []).flatMap((group) => ordered.filter((f) => this.of(f).explains?.includes(group)));
  }

  /**
   * Orders findings from the card to e-Tax, then by the catalogue. Unknown layers and codes come last.
   * @param {Finding} a
   * @param {Finding} b
   */
  compare(a, b) {
    return this.#layer(a) - this.#layer(b) || (this.of(a).rank ?? 1e3) - (this.of(b).rank ?? 1e3);
  }

  /** @param {Finding} f */
  #layer(f) {
    const i = this.layers.indexOf(f.layer);
    return i < 0 ? this.layers.length : i;
  }
}
