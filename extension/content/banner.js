// Draws the warning at the top of an e-Tax page, in a closed shadow tree, but not while the person is typing. The worker
// injects this script when there is something to show.

globalThis.etaxDoctorBanner ??= (() => {
  const STYLE = `
    .banner { position: fixed; inset: 0 0 auto 0; z-index: 2147483647; box-sizing: border-box; max-height: 60vh; overflow: auto;
      display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; padding: 0.75rem 1rem;
      font: 16px/1.5 "Yu Gothic UI", "Hiragino Sans", "Noto Sans CJK JP", system-ui, sans-serif;
      color: #1b1b1f; background: #fff4e0; border-bottom: 4px solid #b3261e; box-shadow: 0 2px 8px rgb(0 0 0 / 30%); }
    .texts { flex: 1 1 20rem; min-width: 0; overflow-wrap: anywhere; }
    .title { margin: 0; font-weight: 700; }
    .step { margin: 0; }
    button { font: inherit; min-height: 44px; padding: 0.25rem 1rem; border-radius: 8px; border: 2px solid #1b4f9c; cursor: pointer; }
    .more { color: #fff; background: #1b4f9c; }
    .close { color: #1b4f9c; background: #fff; }
    button:focus-visible { outline: 3px solid #1b1b1f; outline-offset: 2px; }
    @media (prefers-color-scheme: dark) {
      .banner { color: #f2f0f4; background: #3a2a12; }
      .more { color: #10233f; background: #a9c7ff; border-color: #a9c7ff; }
      .close { color: #a9c7ff; background: #1b1b1f; border-color: #a9c7ff; }
      button:focus-visible { outline-color: #fff; }
    }
    @media print { .banner { display: none; } }`;

  /** @type {HTMLElement | null} */
  let host = null;
  /** Stops the wait for the end of typing. @type {AbortController | undefined} */
  let waiting;

  function hide() {
    waiting?.abort();
    host?.remove();
    host = null;
  }

  function typing() {
    const active = document.activeElement;
    return (
      document.hasFocus() &&
      (active instanceof HTMLTextAreaElement ||
        active instanceof HTMLSelectElement ||
        (active instanceof HTMLInputElement && !["button", "submit", "reset", "checkbox", "radio", "image"].includes(active.type)) ||
        (active instanceof HTMLElement && active.isContentEditable))
    );
  }

  /** @param {Banner} texts @param {() => void} onMore */
  function show(texts, onMore) {
    hide();
    if (!typing()) return draw(texts, onMore);
    waiting = new AbortController();
    const { signal } = waiting;
    // During focusout, the new element does not have the focus yet.
    document.addEventListener("focusout", () => setTimeout(() => signal.aborted || show(texts, onMore), 0), { signal, once: true });
  }

  /** @param {Banner} texts @param {() => void} onMore */
  function draw(texts, onMore) {
    // Not a custom element: the page could define it, and then reach the shadow tree.
    host = document.createElement("div");
    host.style.setProperty("all", "initial", "important");
    host.lang = texts.language;
    const root = host.attachShadow({ mode: "closed" });
    const style = document.createElement("style");
    style.textContent = STYLE;
    const banner = document.createElement("section");
    banner.className = "banner";
    banner.setAttribute("role", "alert");
    const words = document.createElement("div");
    words.className = "texts";
    words.append(paragraph("title", texts.title), paragraph("step", texts.step));
    banner.append(words, button("more", texts.more, onMore), button("close", texts.close, hide));
    root.append(style, banner);
    document.documentElement.append(host);
  }

  /** @param {string} name @param {string} text */
  function paragraph(name, text) {
    const p = document.createElement("p");
    p.className = name;
    p.textContent = text;
    return p;
  }

  /** @param {string} name @param {string} text @param {() => void} onPress */
  function button(name, text, onPress) {
    const b = document.createElement("button");
    b.type = "button";
    b.className = name;
    b.textContent = text;
    b.addEventListener("click", (event) => event.isTrusted && onPress());
    return b;
  }

  return { show, hide };
})();
