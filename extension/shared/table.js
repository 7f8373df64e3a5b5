/**
 * Reads a JSON table of the extension, packed or not.
 * @param {string} name of its file
 */
export async function table(name) {
  const { body } = await fetch(chrome.runtime.getURL(name));
  return new Response(name.endsWith(".gz") ? body?.pipeThrough(new DecompressionStream("gzip")) : body).json();
}
