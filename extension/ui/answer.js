import { apart, asWarning, isSymptom } from "../shared/verdict.js";
import { button, create, items } from "./dom.js";
import { otherWays } from "./hurry.js";
import { repairsFor } from "./repair.js";
import { Path } from "./path.js";
import { SIGNS } from "../shared/signs.js";
import { openWelcome } from "../shared/pages.js";

/** What browsers give a popup, in pixels. */
const POPUP_HEIGHT = 600;

/** The answer on the popup and the full page. */
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
    this.hasFailed = false;
    this.full = document.body.className === "full";
    this.mark = create("span", { id: "mark", role: "img" });
    this.title = create("h1", { id: "title" });
    this.kind = create("p", { id: "kind" });
    this.progress = /** @type {HTMLProgressElement} */ (create("progress", { id: "progress", "aria-label": texts.text("ui_checking") }));
    this.path = new Path(catalog, texts);
    this.symptoms = create("section", { id: "symptoms", class: "box" });
    this.lead = create("p", { id: "lead", class: "soft" });
    this.detail = create("p", { id: "detail" });
    this.unchecked = create("ul", { id: "unchecked" });
    this.repairs = create("div", { id: "repairs" });
    this.outcome = create("p", { id: "repair-outcome", role: "status" });
    this.main = button("", () => this.onMain());
    this.main.id = "main";
    this.onMain = () => {};
    this.steps = create("ol", { id: "steps" });
    this.official = create("ul", { id: "links", class: "links" });
    this.others = create("div", { id: "others" });
    this.todo = this.#fold("ui_what_to_do", this.steps, this.official, this.others);
    this.bring = create("ul", { id: "bring" });
    this.bringing = this.#fold("ui_bring", this.bring);
    this.ways = create("div", { id: "ways" });
    this.hurry = this.#fold("ui_hurry", this.ways);
    const words = create("div", {}, this.lead, this.title, this.kind);
    this.verdict = create("section", { id: "verdict", "aria-live": "polite", "aria-atomic": "true" }, this.mark, words);
    this.why = this.#fold("ui_why", this.detail);
    this.why.hidden = false;
    this.explanation = create("section", { id: "explanation" }, this.unchecked, this.repairs, this.main, this.outcome, this.why);
    this.remedy = create("section", { id: "todo" }, this.todo, this.bringing, this.hurry);
    place.append(this.verdict, this.progress, this.explanation, this.remedy, this.path.list, this.path.where);
  }

  /** @param {string} heading @param {HTMLElement[]} content @returns {HTMLDetailsElement} */
  #fold(heading, ...content) {
    return /** @type {HTMLDetailsElement} */ (create("details", { hidden: "" }, create("summary", {}, create("h2", {}, this.texts.text(heading))), ...content));
  }

  running() {
    document.body.dataset.state = "running";
    delete document.body.dataset.code;
    this.#mark("pending", "…");
    this.main.hidden = true;
    this.title.textContent = this.texts.text("ui_checking");
    this.kind.replaceChildren(create("span", {}, this.texts.text("ui_checking_hint")));
    this.outcome.replaceChildren(); // the rest stays, faded, so that nothing jumps
    this.arrived([]);
  }

  /** @param {Finding[]} findings */
  arrived(findings) {
    const layers = this.catalog.layers.length;
    this.progress.max = layers;
    this.progress.value = new Set(findings.map((f) => f.layer)).size;
    this.path.draw(findings, null);
  }

  /** @param {Outcome} outcome */
  show(outcome) {
    const { findings, verdict: main } = outcome;
    const { texts } = this;
    this.write(outcome);
    this.kind.replaceChildren(...[this.full ? this.#class(main) : "", texts.takes(main)].filter(Boolean).map((text) => create("span", {}, text)));
    const unexplained = apart(findings, main, this.catalog);
    this.#showSymptoms(findings, main, unexplained);
    const unchecked = uncheckedBeside(main, findings);
    const mended = (this.hasFailed || outcome.before.some((f) => f.status === "failure")) && main.status === "ok";
    this.hasFailed = main.status === "failure";
    if (mended) this.lead.textContent = texts.text("ui_mended");
    const [best, ...others] = mended || main.code === "verdict.all-fine" ? [this.#repair("fresh-tab", main)] : [main, ...findings.filter(isPortal), ...unchecked.filter((f) => !isPortal(f))].flatMap((f) => this.offers(f));
    this.repairs.replaceChildren(...(best ? [best] : []));
    this.others.replaceChildren(...others);
    const steps = texts.steps(main);
    const links = this.links(main);
    this.todo.hidden = steps.length + links.length + others.length === 0;
    this.steps.replaceChildren(...items(steps));
    const things = texts.bring(main);
    this.bringing.hidden = things.length === 0;
    this.bring.replaceChildren(...items(things));
    this.official.replaceChildren(...links);
    const { ways, deadline } = otherWays(outcome, texts);
    this.ways.replaceChildren(create("p", {}, deadline), ...ways.flatMap(({ title, needs }) => [create("h3", {}, title), create("p", {}, needs)]));
    this.hurry.hidden = ways.length === 0;
    // What is not installed yet is no fault.
    const status = main.code === "host.not-found" ? "info" : main.status;
    this.#mark(status, status === "info" ? "i" : SIGNS[status]);
    this.#offerMain(main);
    this.path.draw([...findings, ...unexplained.map((f) => asWarning(f, this.catalog))], main);
    document.body.dataset.difficulty = main.difficulty ?? "";
    document.body.dataset.code = main.code;
    document.body.dataset.state = status;
    this.#open();
  }

  /** @param {Status | "pending"} status @param {string} sign */
  #mark(status, sign) {
    this.mark.textContent = sign;
    this.mark.setAttribute("aria-label", this.texts.text(`state_${status}`));
  }

  /** The one thing to press, where no repair is it. No "check again" for an errand. @param {Finding} main */
  #offerMain(main) {
    this.main.hidden = true;
    if (this.repairs.children.length > 0) return;
    if (main.code === "host.not-found") this.#press("ui_show_first_steps", () => void openWelcome());
    else if (this.full) return;
    else if (!this.bringing.hidden) this.#press("ui_show_bring", unfolds(this.bringing));
    else if (main.status === "failure" && this.todo.hidden && !this.hurry.hidden) this.#press("ui_hurry", unfolds(this.hurry));
  }

  /** @param {string} text @param {() => void} then */
  #press(text, then) {
    this.main.hidden = false;
    this.main.textContent = this.texts.text(text);
    this.onMain = then;
  }

  /** Opens what fits: what to do rather than what it means. What to do is the thing to press where it does not fit. */
  #open() {
    for (const fold of [this.bringing, this.hurry]) fold.open = this.full;
    if (this.full || (this.main.hidden && this.repairs.children.length === 0)) {
      if ([true, false].some((why) => this.#fits(true, why))) return;
      if (!this.todo.hidden) this.#press("ui_what_to_do", unfolds(this.todo));
    }
    void [true, false].some((why) => this.#fits(false, why));
  }

  /** @param {boolean} todo @param {boolean} why */
  #fits(todo, why) {
    this.todo.open = todo;
    this.why.open = why;
    return this.full || document.documentElement.scrollHeight <= POPUP_HEIGHT;
  }

  /** Writes what may name a day. @param {Pick<Outcome, "findings" | "verdict">} outcome */
  write({ findings, verdict: main }) {
    const { texts } = this;
    this.title.textContent = texts.title(main);
    this.detail.textContent = texts.detail(main);
    // What a page explains itself may still have faults on the way to the card.
    const steps = main.code === "host.not-found" ? [`${texts.text("ui_welcome_extension")}: ${texts.text("ui_welcome_done")}`, texts.text("ui_welcome_program")] : [];
    const faults = main.status === "info" ? findings.filter((f) => f.status === "failure") : [];
    this.unchecked.replaceChildren(...items([...steps, ...uncheckedBeside(main, findings).map((f) => texts.unchecked(f)), ...faults.map((f) => texts.title(f))]));
  }

  /**
   * What was seen or reported: above the verdict, with its own steps and links, unless a failure explains it.
   * @param {Finding[]} findings
   * @param {Finding} main
   * @param {Finding[]} unexplained
   */
  #showSymptoms(findings, main, unexplained) {
    const { texts } = this;
    const above = unexplained.length > 0 || (main.status !== "failure" && !isSymptom(main));
    // A verdict may say the same as its symptom.
    const shown = findings.filter((f) => isSymptom(f) && texts.title(f) !== texts.title(main));
    this.lead.textContent = unexplained.length > 0 ? texts.text("ui_apart") : "";
    this.symptoms.replaceChildren(
      ...shown.map((f) =>
        create(
          "div",
          { "data-code": f.code },
          create("p", { class: "soft" }, [texts.text("ui_you_saw"), f.args?.errcode].filter(Boolean).join(": ")),
          create("h2", {}, texts.title(f)),
          ...this.#about(f, above),
        ),
      ),
    );
    if (above) this.verdict.before(this.symptoms);
    else this.explanation.prepend(this.symptoms);
  }

  /** What a symptom means and what to do; folded in the popup. @param {Finding} f @param {boolean} above */
  #about(f, above) {
    const { texts } = this;
    const parts = [create("p", {}, texts.detail(f)), ...(above ? [create("ol", {}, ...items(texts.steps(f))), create("ul", { class: "links" }, ...this.links(f))] : [])];
    if (this.full) return parts;
    const fold = this.#fold("ui_what_to_do", ...parts);
    fold.hidden = !above;
    return [fold];
  }

  /** Hardware or authentication; "" if that is not known. @param {Finding} main */
  #class(main) {
    const { status, layer } = main;
    const known = status === "failure" ? layer !== "doctor" : isSymptom(main) && layer !== "session";
    return known ? this.texts.text(`class_${this.catalog.classes.get(layer)}`) : "";
  }

  /** The links of a finding. Edge does not install from Chrome's store. @param {Finding} finding */
  links(finding) {
    const edge = navigator.userAgentData?.brands.some((b) => b.brand === "Microsoft Edge");
    return (this.catalog.of(finding).links ?? [])
      .map((link) => new URL(link))
      .filter(({ hostname }) => !edge || hostname !== "chromewebstore.google.com")
      .map(({ href, hostname }) => create("li", {}, create("a", { href, target: "_blank" }, `${this.texts.text("ui_links")}: ${hostname}`)));
  }

  /** @param {Finding} finding */
  offers(finding) {
    return repairsFor(finding, this.catalog.of(finding).repair).map((name) => this.#repair(name, finding));
  }

  /** @param {string} name @param {Finding} finding */
  #repair(name, finding) {
    const key = `repair_${name.replaceAll("-", "_")}`;
    const press = button(this.texts.text(`${key}_button`), () => this.onRepair(name, finding), { "data-repair": name });
    const box = create("div", { class: "repair" }, press);
    const explanation = this.texts.text(`${key}_explain`);
    if (explanation) {
      const id = `explain-${name}-${finding.code}`;
      press.setAttribute("aria-describedby", id);
      box.append(create("p", { id, class: "soft" }, explanation));
    }
    return box;
  }
}

/** @param {HTMLDetailsElement} fold @returns {() => void} */
const unfolds = (fold) => () => {
  fold.open = true;
  fold.querySelector("summary")?.focus();
};

/** What could not be checked, where that is the verdict. @param {Finding} main @param {Finding[]} findings */
const uncheckedBeside = (main, findings) => (main.status === "unknown" ? findings.filter((f) => f.status === "unknown") : []);

/** @param {Finding} f */
const isPortal = (f) => f.repair === "allow-portal";
