import { watch } from "../shared/host.js";
import { create, items, picture } from "./dom.js";

/** Shows the readers and cards as they are now. */
export class Live {
  /**
   * @param {Texts} texts
   * @param {HTMLElement} list
   * @param {() => boolean} reading whether our own host may be using the card
   * @param {(gone: boolean) => void} changed a card or a reader has come or gone, or the service has come, after the start
   */
  constructor(texts, list, reading, changed) {
    this.texts = texts;
    this.list = list;
    this.reading = reading;
    this.changed = changed;
    /** The last text about each reader, and the service (""), and a picture. @type {Map<string, {text: string, station: string}>} */
    this.said = new Map();
    /** The readers whose card another program uses, and the texts for it. @type {Map<string, string>} */
    this.busy = new Map();
    this.watching = false;
    this.settled = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** @param {boolean} host */
  begin(host) {
    if (this.watching) return;
    this.watching = host;
    this.#draw();
    if (!host) return;
    const stop = watch(
      this.texts.text("language"),
      (event) => this.#take(event),
      () => {
        this.watching = this.settled = false;
        this.said.clear();
        this.busy.clear();
        this.#draw();
      },
    );
    addEventListener("pagehide", stop, { once: true });
    this.#settleIn(2_000); // a busy computer starts the host late
  }

  /** First comes what is there already. @param {number} ms */
  #settleIn(ms) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.settled = this.watching;
      this.list.dataset.settled = "yes";
    }, ms);
  }

  /** @param {WatchEvent} event */
  #take({ kind, reader = "", text = "" }) {
    if (kind === "card-busy") {
      if (!this.reading()) this.busy.set(reader, text);
    } else {
      this.busy.delete(reader);
      if (kind === "reader-removed" || kind === "service-back") this.said.delete(reader);
      else if (kind !== "card-free" && text) this.said.set(reader, { text, station: kind === "card-inserted" ? "card" : "reader" });
    }
    this.#draw();
    if (!this.settled) return this.#settleIn(1_000);
    const gone = kind.endsWith("removed");
    if (gone || ["reader-added", "card-inserted", "service-back"].includes(kind)) this.changed(gone);
  }

  #draw() {
    const empty = this.watching ? "ui_live_nothing" : "ui_live_off";
    const all = [...this.said].map(([reader, { text, station }]) => create("li", {}, picture(station), this.busy.get(reader) ?? text));
    this.list.replaceChildren(...(all.length > 0 ? all : items([this.texts.text(empty)])));
  }
}
