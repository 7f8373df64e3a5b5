import { SIGNS } from "../shared/signs.js";
import { WORST_FIRST, shown } from "../shared/verdict.js";
import { button, create, picture } from "./dom.js";

/**
 * The state of a station: the worst of its findings; without any, "pending" while the check runs and "unchecked" after.
 * @param {string[]} layers
 * @param {Finding[]} findings
 * @param {boolean} running
 * @returns {keyof typeof SIGNS}
 */
export function stateOf(layers, findings, running) {
  const statuses = new Set(shown(findings).filter((f) => layers.includes(f.layer)).map((f) => f.status));
  return WORST_FIRST.find((s) => statuses.has(s)) ?? (running ? "pending" : "unchecked");
}

/** The way from the card to e-Tax. A pressed or focused station says what was found there. */
export class Path {
  /** @param {Catalog} catalog @param {Texts} texts */
  constructor(catalog, texts) {
    this.catalog = catalog;
    this.texts = texts;
    this.list = create("ol", { id: "path", "aria-label": texts.text("ui_path") });
    this.where = create("p", { id: "where" });
    this.stations = catalog.stations.map(({ name, layers }, i) => {
      const sign = create("span", { class: "sign", "aria-hidden": "true" });
      const said = create("span", { class: "hidden-text" });
      const press = button("", () => this.#say(i), { tabindex: i === 0 ? "0" : "-1" });
      press.append(picture(name), sign, create("span", { class: "label" }, texts.text(`station_${name}`), said));
      press.addEventListener("focus", () => this.#say(i));
      press.addEventListener("keydown", (event) => this.#move(event, i));
      const item = create("li", { "data-station": name }, press);
      this.list.append(item);
      return { name, layers, item, press, sign, said, text: "" };
    });
  }

  /**
   * Shows what is known; without a verdict, the check still runs.
   * @param {Finding[]} findings
   * @param {Finding | null} verdict
   */
  draw(findings, verdict) {
    let main = -1;
    // As the verdict, a symptom is a warning at the place that it speaks of.
    const all = shown(verdict ? [...findings, verdict] : findings).sort((a, b) => this.catalog.compare(a, b));
    this.stations.forEach((station, i) => {
      const state = stateOf(station.layers, all, verdict === null);
      const broken = verdict?.status === "failure" && station.layers.includes(verdict.layer);
      if (broken || (main < 0 && verdict && verdict.status !== "ok" && station.layers.includes(verdict.layer))) main = i;
      station.item.className = `station ${state}${broken ? " broken" : ""}`;
      station.item.dataset.state = state;
      station.sign.textContent = SIGNS[state];
      const word = this.texts.text(broken ? "state_broken" : `state_${state}`);
      const worst = all.find((f) => station.layers.includes(f.layer) && f.status === state);
      station.text = worst ? this.texts.title(worst) : word;
      station.said.textContent = `: ${broken ? word : station.text}`;
    });
    this.where.className = "at";
    this.where.style.setProperty("--at", String((Math.max(main, 0) + 0.5) / this.stations.length));
    this.where.textContent = main < 0 ? "" : this.texts.text(`station_${this.stations[main].name}`);
  }

  /** @param {number} i */
  #say(i) {
    this.stations.forEach(({ press }, j) => (press.tabIndex = i === j ? 0 : -1));
    this.where.className = "";
    this.where.textContent = `${this.texts.text(`station_${this.stations[i].name}`)}: ${this.stations[i].text}`;
  }

  /** @param {KeyboardEvent} event @param {number} i */
  #move(event, i) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) this.stations[i + step]?.press.focus();
  }
}
