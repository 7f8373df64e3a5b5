import { Catalog } from "../shared/catalog.js";
import { hello } from "../shared/host.js";
import { Texts } from "../shared/texts.js";
import { fillPage } from "./dom.js";

fillPage(await Texts.load(await Catalog.load()));

/** Ticks what is done: this extension is here. The person may still be at the installer. */
async function tick() {
  const there = await hello();
  document.body.dataset.done = there ? "program extension" : "extension";
  if (!there) setTimeout(tick, 2_000);
}

void tick();
