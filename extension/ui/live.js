/** @import {WatchEvent} from "../types.d.ts" */
/** @import {Texts} from "./texts.js" */
import { watch } from "../background/host.js";
import { items } from "./dom.js";

/** What is to be seen of readers and cards right now. */
export class Live {
  /**
   * @param {Texts} texts
   * @param {HTMLElement} list
   * @param {() => void} arrived a card or a reader has come since the watch began
   */
  constructor(texts, list, arrived) {
    this.texts = texts;
    this.list = list;
    this.arrived = arrived;
    /** What was last said of each reader, and of the service (""). @type {Map<string, string>} */
    this.said = new Map();
    this.watching = false;
    this.settled = false;
  }

  /**
   * Begins to watch, once there is a host to ask.
   * @param {boolean} host
   */
  begin(host) {
    if (this.watching) return;
    this.#draw();
    if (!host) return;
    this.watching = true;
    const stop = watch(
      this.texts.text("language"),
      (event) => this.#take(event),
      () => {
        this.watching = this.settled = false;
        this.said.clear();
        this.#draw();
      },
    );
    addEventListener("pagehide", stop, { once: true });
    // The first events only describe what is there already.
    setTimeout(() => {
      this.settled = this.watching;
      this.list.dataset.settled = "yes";
    }, 1_000);
  }

  /** @param {WatchEvent} event */
  #take({ kind, reader = "", text = "" }) {
    if (kind === "reader-removed") this.said.delete(reader);
    else this.said.set(reader, text);
    if (kind === "service-back") this.said.delete("");
    this.#draw();
    if (this.settled && ["reader-added", "card-inserted", "service-back"].includes(kind)) this.arrived();
  }

  #draw() {
    const empty = this.watching ? "ui_live_nothing" : "ui_live_off";
    this.list.replaceChildren(...items(this.said.size > 0 ? [...this.said.values()] : [this.texts.text(empty)]));
  }
}
