import { Catalog } from "../shared/catalog.js";
import { hello } from "../shared/host.js";
import { Texts } from "../shared/texts.js";
import { fillPage } from "./dom.js";

fillPage(await Texts.load(await Catalog.load()));

/** Ticks what is done: this extension is here. */
async function tick() {
  document.body.dataset.done = (await hello()) ? "program extension" : "extension";
}

addEventListener("focus", () => void tick()); // the person comes back from the installer
void tick();
