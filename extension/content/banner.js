// Draws the warning at the edge of an e-Tax page, in a closed shadow tree, but not while the person is typing.

globalThis.etaxDoctorBanner ??= (() => {
  const STYLE = `
    .banner { position: fixed; inset: 0 0 auto 0; z-index: 2147483647; max-height: 40vh; overflow: hidden; direction: ltr;
      display: flex; gap: 12px; align-items: center; padding: 10px 12px; font: 16px/1.5 var(--font);
      color: var(--text); background: var(--tone-ground); border-bottom: 4px solid var(--tone); box-shadow: 0 2px 8px rgb(0 0 0 / 30%); }
    .low { inset: auto 0 0 0; }
    .mark { flex: none; width: 32px; height: 32px; border-radius: 50%; color: var(--ground); background: var(--tone); font-weight: 700; line-height: 32px; text-align: center; }
    .texts { flex: 1 1 0; min-width: 0; max-height: 30vh; overflow: auto; word-break: auto-phrase; }
    p { margin: 0; }
    .title { font-weight: 700; }
    button { flex: none; font: inherit; font-weight: 700; min-height: 44px; padding: 4px 16px; border: 2px solid var(--action); border-radius: var(--radius); cursor: pointer; }
    .more { color: var(--on-action); background: var(--action); }
    .close { color: var(--action); background: var(--ground); }
    button:focus-visible { outline: 3px solid var(--text); outline-offset: 2px; }
    @media (width < 480px) {
      .banner { gap: 6px; padding: 6px; }
      .mark, .step { display: none; }
      .title { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      button { padding: 4px 8px; }
    }
    @media print { .banner { display: none; } }`;

  /** @type {HTMLElement | null} */
  let host = null;
  /** Waits for the end of typing. @type {AbortController | undefined} */
  let waiting;
  /** Ends what the banner listens to. @type {AbortController | undefined} */
  let shown;

  function hide() {
    waiting?.abort();
    shown?.abort();
    host?.remove();
    host = null;
  }

  const TYPED = "textarea, select, input:not([type=button], [type=submit], [type=reset], [type=checkbox], [type=radio], [type=image])";

  function typing() {
    const active = document.activeElement;
    return document.hasFocus() && active instanceof HTMLElement && (active.isContentEditable || active.matches(TYPED));
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

  /** @param {Banner} texts @param {() => void} onMore @param {boolean} [again] */
  function draw(texts, onMore, again) {
    // Not a custom element: the page could define it.
    host = document.createElement("div");
    host.style.setProperty("all", "initial", "important");
    host.lang = texts.language;
    const root = host.attachShadow({ mode: "closed" });
    const style = document.createElement("style");
    style.textContent = texts.tokens + STYLE;
    const banner = document.createElement("section");
    banner.className = "banner";
    banner.dataset.state = texts.state;
    banner.setAttribute("role", "alert");
    const mark = part("span", "mark", texts.sign);
    mark.ariaHidden = "true";
    const words = part("div", "texts", "");
    words.append(part("p", "title", texts.title), part("p", "step", texts.step));
    const close = button("close", "✕", hide);
    close.ariaLabel = texts.close;
    banner.append(mark, words, button("more", texts.more, onMore), close);
    root.append(style, banner);
    document.documentElement.append(host);
    listen(host, banner, again ? undefined : () => draw(texts, onMore, true));
  }

  /** @param {HTMLElement} placed @param {HTMLElement} banner @param {() => void} [redraw] */
  function listen(placed, banner, redraw) {
    shown = new AbortController();
    const { signal } = shown;
    let buttons = loginButtons();
    const place = () => {
      if (!buttons.some((b) => b.isConnected)) buttons = loginButtons();
      banner.classList.toggle("low", buttons.some((b) => overlap(b.getBoundingClientRect(), banner.offsetHeight)));
    };
    place();
    for (const event of ["scroll", "resize"]) addEventListener(event, () => requestAnimationFrame(place), { signal, passive: true, capture: true });
    addEventListener("keydown", (event) => event.isTrusted && event.key === "Escape" && hide(), { signal, capture: true });
    if (!redraw) return;
    // A page that removes it gets it once more; drawn anew, because document.open() takes the listeners.
    const observer = new MutationObserver(() => {
      if (placed.isConnected || !document.documentElement) return;
      hide();
      redraw();
    });
    observer.observe(document, { childList: true });
    observer.observe(document.documentElement, { childList: true });
    signal.addEventListener("abort", () => observer.disconnect());
  }

  /** These must not be covered. */
  function loginButtons() {
    const { cardButtons, pageButtons } = etaxDoctorWords;
    return [...document.querySelectorAll("button, a, input[type=button], input[type=submit]")].filter((b) => etaxDoctorLook.isButton(b, [...cardButtons, ...pageButtons]));
  }

  /** @param {DOMRect} box @param {number} height */
  const overlap = ({ top, bottom }, height) => bottom > 0 && top < height;

  /** @param {string} tag @param {string} name @param {string} text */
  function part(tag, name, text) {
    const node = document.createElement(tag);
    node.className = name;
    node.textContent = text;
    return node;
  }

  /** @param {string} name @param {string} text @param {() => void} onPress */
  function button(name, text, onPress) {
    const b = /** @type {HTMLButtonElement} */ (part("button", name, text));
    b.type = "button";
    b.addEventListener("click", (event) => {
      if (!event.isTrusted) return;
      if (chrome.runtime?.id) onPress();
      else hide(); // the extension was updated
    });
    return b;
  }

  return { show, hide };
})();
