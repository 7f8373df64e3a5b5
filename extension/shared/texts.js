/** @import {Finding} from "../types.d.ts" */
/** @import {Catalog} from "./catalog.js" */

/**
 * The texts of findings: those that the host has sent, else the extension's own, filled in by the rules of
 * host/texts/texts.go. The same test cases run on both.
 */
export class Texts {
  /**
   * @param {Catalog} catalog
   * @param {(key: string) => string} message returns "" for an unknown key
   */
  constructor(catalog, message) {
    this.catalog = catalog;
    this.message = message;
    this.japanese = message("language") === "ja";
  }

  /**
   * Loads the texts of the browser's language.
   * @param {Catalog} catalog
   */
  static async load(catalog) {
    const response = await fetch(chrome.runtime.getURL(`texts/generated/${chrome.i18n.getMessage("language")}.json`));
    const messages = flat(await response.json());
    return new Texts(catalog, (key) => messages.get(key) ?? "");
  }

  /**
   * @param {string} key
   * @param {Record<string, string>} [args]
   */
  text(key, args = {}) {
    const whole = this.message(key).replace(/\{@(\w+)\}/g, (_, part) => this.message(part));
    const filled = whole.replace(/\{([a-zA-Z]+)\}/g, (_, name) => this.#value(name, args[name] ?? ""));
    return filled.replace(/（）| \(\)/g, ""); // a value that is not known
  }

  /**
   * Translates an argument that is a word of ours. Only the host's texts have dates.
   * @param {string} name
   * @param {string} value
   */
  #value(name, value) {
    return (/^[\w-]+$/.test(value) && this.message(`arg_${name}_${value.replaceAll("-", "_")}`)) || value;
  }

  /** @param {Finding} f */
  title(f) {
    return f.title ?? this.#part(f, "title");
  }

  /** @param {Finding} f */
  detail(f) {
    return f.detail ?? this.#part(f, "detail");
  }

  /** @param {Finding} f */
  steps(f) {
    if (f.steps) return f.steps;
    const text = this.#part(f, "steps");
    return text ? text.split("\n") : [];
  }

  /**
   * How long the remedy takes; "" if there is nothing to do.
   * @param {Finding} f
   */
  takes(f) {
    const takes = this.catalog.entries.get(f.code)?.takes;
    if (f.takes !== undefined || !takes || f.status === "ok" || f.status === "skipped") return f.takes ?? "";
    return this.message(`takes_${takes.replaceAll("-", "_")}`);
  }

  /**
   * What to bring to the municipal office. Only the host's findings lead there.
   * @param {Finding} f
   */
  bring(f) {
    return f.bring ?? [];
  }

  /** @param {string} layer */
  layer(layer) {
    return this.message(`layer_${layer}`);
  }

  /**
   * @param {Finding} f
   * @param {"title" | "detail" | "steps"} part
   * @returns {string}
   */
  #part(f, part) {
    const entry = this.catalog.entries.get(f.code);
    /** @type {Record<string, string>} */
    const args = { layer: this.layer(f.layer), code: f.code, ...f.args };
    if (f.status === "skipped") {
      const code = f.skippedBecause ?? "";
      const cause = this.catalog.entries.get(code);
      // The cause is no fault: its layer could not be checked.
      if (cause && !cause.difficulty) {
        return this.text(`status_skipped_${part}_unknown`, { layer: args.layer, cause: this.layer(cause.layer) });
      }
      args.cause = this.title({ code, status: "failure", layer: cause?.layer ?? "", args: f.args });
      return this.text(`status_skipped_${part}`, args);
    }
    // The own text of a code without difficulty says that all is well.
    if (f.status === "unknown" && entry && !entry.difficulty && entry.layer) return this.text(`status_unknown_${part}`, args);
    const key = keyOf(f.code);
    if (!this.message(`${key}_title`)) return this.text(`unknown_code_${part}`, args);
    return this.text(`${key}_${part}_${args.os}`, args) || this.text(`${key}_${part}`, args);
  }
}

/** @param {string} code */
const keyOf = (code) => code.replace(/[.-]/g, "_");

/**
 * @param {Record<string, string | Record<string, string>>} data texts by key, and those of a code by part
 * @returns {Map<string, string>} all by key
 */
export function flat(data) {
  return new Map(
    Object.entries(data).flatMap(([key, text]) =>
      typeof text === "string" ? [[key, text]] : Object.entries(text).map(([part, t]) => [`${keyOf(key)}_${part}`, t]),
    ),
  );
}
