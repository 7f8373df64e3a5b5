import { element } from "./dom.js";

/** Shows the steps of a remedy one at a time, with a check after each. */
export class Guide {
  /** @param {Texts} texts @param {HTMLElement} steps the list, already drawn @param {() => void} recheck */
  constructor(texts, steps, recheck) {
    this.texts = texts;
    this.steps = steps;
    /** @type {Finding | undefined} */
    this.before = undefined;
    this.at = 0;
    this.pressed = false;
    element("guide-done").addEventListener("click", () => {
      this.pressed = true;
      recheck();
    });
  }

  /**
   * With the same verdict as before, "done" leads to the next step.
   * @param {Finding} verdict
   * @param {Finding[]} findings
   * @param {boolean} here whether its steps are done at the computer, not at an office
   */
  show(verdict, findings, here) {
    const total = this.steps.children.length;
    const same = verdict.code === this.before?.code;
    const solved = this.pressed && isSolved(this.before, findings);
    this.at = same ? this.at + (this.pressed ? 1 : 0) : 0;
    this.before = verdict;
    const over = this.at >= total;
    element("guide").hidden = verdict.status !== "failure" || total === 0 || !here;
    element("guide-done").hidden = over;
    [...this.steps.children].forEach((step, i) => {
      if (i === this.at && here) step.setAttribute("aria-current", "step");
    });
    element("guide-step").textContent = this.#sentence(solved, over);
    this.pressed = false;
  }

  /** @param {boolean} solved @param {boolean} over */
  #sentence(solved, over) {
    if (over) return this.texts.text("ui_guide_over");
    const key = solved ? "ui_guide_next_fault" : this.at > 0 ? "ui_guide_not_yet" : "ui_guide_begin";
    return this.texts.text(key, { step: String(this.at + 1) });
  }
}

/**
 * Whether the fault is gone, and its layer could be checked.
 * @param {Finding | undefined} before
 * @param {Finding[]} findings
 */
function isSolved(before, findings) {
  const there = findings.filter((f) => f.layer === before?.layer);
  return there.length > 0 && !there.some((f) => f.code === before?.code || f.status === "skipped" || f.status === "unknown");
}
