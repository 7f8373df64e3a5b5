/** @param {string} id */
export function element(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * Makes an element. Strings become text, never HTML.
 * @param {string} tag
 * @param {Record<string, string>} [attributes]
 * @param {(string | Node)[]} children
 */
export function create(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** @param {string} label @param {() => void} onPress @param {Record<string, string>} [attributes] */
export function button(label, onPress, attributes) {
  const node = create("button", { type: "button", ...attributes }, label);
  node.addEventListener("click", onPress);
  return /** @type {HTMLButtonElement} */ (node);
}

/** Fills a page of ours: the texts that its elements name, its language and its title. @param {Texts} texts */
export function fillPage(texts) {
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = texts.text(/** @type {HTMLElement} */ (node).dataset.text ?? "");
  document.documentElement.lang = texts.japanese ? "ja" : "en";
  document.title = texts.text("extension_name");
}

/** @param {string[]} texts */
export function items(texts) {
  return texts.map((text) => create("li", {}, text));
}

/** @param {string} name of a station */
export function picture(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(svg.namespaceURI, "use");
  use.setAttribute("href", `../icons/stations.svg#${name}`);
  svg.append(use);
  return svg;
}
