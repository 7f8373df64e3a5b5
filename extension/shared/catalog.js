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
    this.rank = new Map([...this.entries.keys()].map((code, i) => [code, i]));
  }

  static async load() {
    const response = await fetch(chrome.runtime.getURL("catalog.json"));
    return new Catalog(await response.json());
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

  /**
   * The codes that would explain a symptom, likeliest first: in the order of the symptom's groups, then of the
   * catalogue. Empty for other codes.
   * @param {Finding} symptom
   */
  explainedBy({ code, explainedBy }) {
    const groups = this.entries.get(code)?.explainedBy ?? explainedBy ?? [];
    return groups.flatMap((group) => [...this.entries.values()].filter((e) => e.explains?.includes(group)).map((e) => e.code));
  }

  /**
   * Orders findings from the card to e-Tax, then by the catalogue. Unknown layers and codes come last.
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
