// Narrows the list of codes to those that hold all the words. Without this script, the whole list is there.
(() => {
  const words = document.getElementById("words");
  const found = document.getElementById("found");
  const items = [...document.querySelectorAll("#codes li")];
  // As people type it: full-width letters, other dashes, spaces and cases are the same.
  const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/[‐-―−ー-]/g, "");
  const search = () => {
    const wanted = plain(words.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of items) {
      const text = plain(item.dataset.words);
      item.hidden = !wanted.every((word) => text.includes(word));
      if (!item.hidden) shown++;
    }
    found.textContent = shown === 0 ? found.dataset.none : "";
  };
  document.getElementById("search").hidden = false;
  words.addEventListener("input", search);
  search(); // the browser may have kept what was typed
})();
