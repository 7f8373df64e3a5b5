/** @import {CatalogEntry, Finding} from "../types.d.ts" */
/** @import {Catalog} from "../shared/catalog.js" */
/** @import {Texts} from "../shared/texts.js" */
import { button, create, items } from "./dom.js";
import { repairsFor } from "./repair.js";
import { drawPath } from "./path.js";

/** The answer on the popup and the full page: the verdict, the path with its broken station, and what to do. */
export class Answer {
  /**
   * @param {HTMLElement} place
   * @param {Catalog} catalog
   * @param {Texts} texts
   * @param {(name: string, finding: Finding) => void} onRepair
   */
  constructor(place, catalog, texts, onRepair) {
    this.catalog = catalog;
    this.texts = texts;
    this.onRepair = onRepair;
    this.title = create("h1", { id: "title", tabindex: "-1" });
    this.kind = create("p", { id: "kind" });
    this.progress = /** @type {HTMLProgressElement} */ (create("progress", { id: "progress", "aria-label": texts.text("ui_checking") }));
    this.path = create("ol", { id: "path", "aria-label": texts.text("ui_path") });
    this.symptoms = create("div", { id: "symptoms" });
    this.detail = create("p", { id: "detail" });
    this.unchecked = create("ul", { id: "unchecked" });
    this.repairs = create("div", { id: "repairs" });
    this.outcome = create("p", { id: "repair-outcome", role: "status" });
    this.todo = create("h2", {}, texts.text("ui_what_to_do"));
    this.takes = create("p", { id: "takes" });
    this.steps = create("ol", { id: "steps" });
    this.bringing = create("h2", {}, texts.text("ui_bring"));
    this.bring = create("ul", { id: "bring" });
    this.links = create("ul", { id: "links" });
    place.append(
      create("section", { id: "verdict", "aria-live": "polite", "aria-atomic": "true" }, this.title, this.kind),
      this.progress,
      this.path,
      create("section", { id: "explanation" }, this.symptoms, this.detail, this.unchecked, this.repairs, this.outcome),
      create("section", { id: "todo" }, this.todo, this.takes, this.steps, this.bringing, this.bring, this.links),
    );
  }

  /** Shows that a check runs. */
  running() {
    document.body.dataset.state = "running";
    delete document.body.dataset.code;
    this.title.textContent = this.texts.text("ui_checking");
    this.kind.replaceChildren(create("span", {}, this.texts.text("ui_checking_hint")));
    this.outcome.replaceChildren();
    // The previous answer stays, faded, so that nothing jumps.
    this.todo.hidden ||= this.steps.children.length === 0;
    this.bringing.hidden ||= this.bring.children.length === 0;
    this.arrived([]);
  }

  /**
   * Shows what is known while the check runs.
   * @param {Finding[]} findings
   */
  arrived(findings) {
    const layers = this.catalog.layers.length;
    this.progress.max = layers;
    this.progress.value = new Set(findings.map((f) => f.layer)).size;
    drawPath(this.path, findings, null, this.catalog, this.texts);
  }

  /**
   * @param {Finding[]} findings
   * @param {Finding} main
   */
  show(findings, main) {
    const { texts } = this;
    const entry = this.catalog.entries.get(main.code);
    const explained = main.status === "failure" && entry ? kinds(entry) : [];
    this.title.textContent = texts.title(main);
    this.kind.replaceChildren(...explained.map((key) => create("span", {}, texts.text(key))));
    this.symptoms.replaceChildren(...findings.filter((f) => f.reported && f.code !== main.code).map((f) => this.#symptom(f)));
    this.detail.textContent = texts.detail(main);
    const unchecked = main.status === "unknown" ? findings.filter((f) => f.status === "unknown") : [];
    this.unchecked.replaceChildren(...items(unchecked.map((f) => texts.title(f))));
    this.repairs.replaceChildren(...this.offers(main));
    const steps = texts.steps(main);
    this.todo.hidden = steps.length === 0;
    this.steps.replaceChildren(...items(steps));
    const time = texts.takes(main);
    this.takes.textContent = time && texts.text("ui_takes", { time });
    const things = texts.bring(main);
    this.bringing.hidden = things.length === 0;
    this.bring.replaceChildren(...items(things));
    this.links.replaceChildren(...(main.links ?? entry?.links ?? []).map((url) => this.link(url)));
    drawPath(this.path, findings, main, this.catalog, texts);
    document.body.dataset.code = main.code;
    document.body.dataset.state = main.status;
  }

  /** @param {Finding} f */
  #symptom(f) {
    return create("div", { "data-code": f.code }, create("h2", {}, this.texts.title(f)), create("p", {}, this.texts.detail(f)));
  }

  /** @param {string} url */
  link(url) {
    return create("li", {}, create("a", { href: url, target: "_blank" }, `${this.texts.text("ui_links")}: ${new URL(url).hostname}`));
  }

  /**
   * Buttons for the repairs of a finding, each with an explanation.
   * @param {Finding} finding
   */
  offers(finding) {
    return repairsFor(finding, this.catalog.entries.get(finding.code)?.repair).map((name) => {
      const key = `repair_${name.replaceAll("-", "_")}`;
      const explanation = create("p", { id: `explain-${name}-${finding.code}` }, this.texts.text(`${key}_explain`));
      const press = button(this.texts.text(`${key}_button`), () => this.onRepair(name, finding), {
        "data-repair": name,
        "aria-describedby": explanation.id,
      });
      return create("div", { class: "repair" }, press, explanation);
    });
  }
}

/**
 * Text keys: hardware or authentication, and the difficulty. A fault of our own program has no class.
 * @param {CatalogEntry} entry
 */
function kinds(entry) {
  return [...(entry.layer === "doctor" ? [] : [`class_${entry.class}`]), `difficulty_${entry.difficulty}`];
}
