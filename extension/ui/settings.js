import { element } from "./dom.js";

/** The size of the letters and the language, which are kept. @param {Texts} texts */
export async function offerSettings(texts) {
  const form = /** @type {HTMLFormElement} */ (element("settings"));
  const { size = "1" } = await chrome.storage.local.get("size");
  const show = (/** @type {string} */ chosen) => (document.documentElement.dataset.size = chosen);
  show(size);
  /** @type {RadioNodeList} */ (form.elements.namedItem("size")).value = size;
  /** @type {RadioNodeList} */ (form.elements.namedItem("language")).value = texts.text("language");
  form.addEventListener("change", async ({ target }) => {
    const { name, value } = /** @type {HTMLInputElement} */ (target);
    await chrome.storage.local.set({ [name]: value });
    if (name === "size") show(value);
    else location.reload();
  });
}
