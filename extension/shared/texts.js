import { table } from "./table.js";

/**
 * The language: the chosen one, else the browser's. Not chrome.i18n.getMessage: while the extension is being installed, it
 * may stay empty.
 */
export async function language() {
  const { language: chosen } = await chrome.storage.local.get("language");
  return chosen ?? (chrome.i18n.getUILanguage().startsWith("ja") ? "ja" : "en");
}

/** The texts of findings: those that the host has sent, else our own, by the rules of host/texts/texts.go. */
export class Texts {
  /** @param {Catalog} catalog @param {(key: string) => string} message returns "" for an unknown key */
  constructor(catalog, message) {
    this.catalog = catalog;
    this.message = message;
    this.japanese = message("language") === "ja";
  }

  /** Loads the texts in the browser's language. @param {Catalog} catalog */
  static async load(catalog) {
    const messages = inLanguage(...(await Promise.all([table("texts.json.gz"), language()])));
    return new Texts(catalog, (key) => messages.get(key) ?? "");
  }

  /** @param {string} key @param {Record<string, string>} [args] */
  text(key, args = {}) {
    const filled = this.#whole(key).replace(/\{([a-zA-Z]+)\}/g, (_, name) => this.#value(name, args[name] ?? ""));
    return filled.replace(/（）| \(\)/g, ""); // a value that is not known
  }

  /** A text with the sentences that it shares with others. @param {string} key @returns {string} */
  #whole(key) {
    return this.message(key).replace(/\{@(\w+)\}/g, (_, part) => this.#whole(part));
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

  /** What could not be checked, and why. @param {Finding} f */
  unchecked(f) {
    const title = this.title(f);
    return this.catalog.of(f).fine ? this.text("ui_unchecked", { title, reason: this.detail(f) }) : title;
  }

  /** @param {Finding} f */
  steps(f) {
    if (f.steps) return f.steps;
    const text = this.#part(f, "steps");
    return text ? text.split("\n") : [];
  }

  /** How long the remedy takes; "" if there is nothing to do. @param {Finding} f */
  takes(f) {
    const takes = this.catalog.entries.get(f.code)?.takes;
    if (f.takes !== undefined || !takes || f.status === "ok" || f.status === "skipped") return f.takes ?? "";
    return this.message(`takes_${takes.replaceAll("-", "_")}`);
  }

  /** What to bring to the municipal office. Only the host's findings lead there. @param {Finding} f */
  bring(f) {
    return f.bring ?? [];
  }

  /** @param {string} layer */
  layer(layer) {
    return this.message(`layer_${layer}`);
  }

  /** @param {Finding} f @param {"title" | "detail" | "steps"} part @returns {string} */
  #part(f, part) {
    const entry = this.catalog.entries.get(f.code);
    /** @type {Record<string, string>} */
    const args = { layer: this.layer(f.layer), code: f.code, ...f.args };
    if (f.status === "skipped") {
      const code = f.skippedBecause ?? "";
      const cause = this.catalog.entries.get(code);
      // The cause is no fault: its layer could not be checked.
      if (cause?.fine) {
        return this.text(`status_skipped_${part}_unknown`, { layer: args.layer, cause: this.layer(cause.layer) });
      }
      args.cause = this.title({ code, status: "failure", layer: cause?.layer ?? "", args: f.args });
      return this.text(`status_skipped_${part}`, args);
    }
    // The own text of such a code says that all is well.
    if (f.status === "unknown" && entry?.fine) return this.text(`status_unknown_${part}`, args);
    const key = keyOf(f.code);
    if (!this.message(`${key}_title`)) return this.text(`unknown_code_${part}`, args);
    return this.text(`${key}_${part}_${args.os}`, args) || this.text(`${key}_${part}`, args);
  }
}

/** @param {string} code */
const keyOf = (code) => code.replace(/[.-]/g, "_");

/**
 * The texts of texts.json.gz in one language, by key.
 * @param {Record<string, string[]>} columns
 * @param {string} language
 */
export function inLanguage(columns, language) {
  return new Map(columns.keys.map((key, i) => [key, columns[language][i]]));
}
