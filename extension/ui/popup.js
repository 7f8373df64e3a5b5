import { openReport } from "../shared/pages.js";
import { Catalog } from "../shared/catalog.js";
import { Answer } from "./answer.js";
import { Check } from "./check.js";
import { element, fillPage } from "./dom.js";
import { Texts } from "../shared/texts.js";

const catalog = await Catalog.load();
const texts = await Texts.load(catalog);
const answer = new Answer(element("answer"), catalog, texts, (name, finding) => void check.repair(name, finding));
const check = new Check(catalog, texts, answer, () => {});

fillPage(texts);
check.takeSymptoms();
element("again").addEventListener("click", () => void check.run());
element("full").addEventListener("click", () => void openReport(check.tabId));
void check.run();
