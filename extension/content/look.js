// Reads what an e-Tax page shows: the known texts, the kind of page, the bridges' marks.

/* exported etaxDoctorLook */
const etaxDoctorLook = (() => {
  /** Elements that hold a known text, and whether they were visible at the last look. @type {Map<Element, boolean>} */
  const holders = new Map();

  /** What is typed into a field is never read. @param {Element} element @param {string[]} names */
  function isButton(element, names) {
    const text = element instanceof HTMLInputElement ? ["button", "submit"].includes(element.type) && element.value : element.textContent;
    return names.some((name) => text && text.includes(name));
  }

  /** @param {Element} element */
  function isVisible(element) {
    return element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  }

  /** Where a text is no message: in a script, or what is typed and chosen. */
  const NO_MESSAGE = "script, style, noscript, textarea, select, [contenteditable]";

  /**
   * Finds the elements in a new or changed node that hold a known text. The page waits for this: a search per text is
   * faster than one regular expression, and in a small node an XPath is faster than a walk.
   * @param {Node} node
   * @param {{text: string}[]} texts
   */
  function findHolders(node, texts = etaxDoctorWords.texts) {
    const whole = node.textContent ?? "";
    const inside = texts.filter(({ text }) => whole.includes(text));
    if (inside.length === 0) return;
    if (whole.length > 2000 && node.firstChild) {
      for (const child of node.childNodes) findHolders(child, inside);
      return;
    }
    const holds = inside.map(({ text }) => `contains(., "${text}")`).join(" or ");
    const found = document.evaluate(`descendant-or-self::text()[${holds}]`, node, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE);
    for (let i = 0; i < found.snapshotLength; i++) {
      const parent = found.snapshotItem(i)?.parentElement;
      if (parent && !parent.closest(NO_MESSAGE)) holders.set(parent, false);
    }
  }

  /** The elements that hold a text and are visible. */
  function shown() {
    for (const element of holders.keys()) if (!element.isConnected) holders.delete(element);
    return [...holders.keys()].filter(isVisible);
  }

  /** The elements that were not visible at the last call. @param {Element[]} now what is shown */
  function appeared(now) {
    const fresh = now.filter((element) => !holders.get(element));
    for (const element of holders.keys()) holders.set(element, now.includes(element));
    return fresh;
  }

  /** Whether it is a message: a long text only mentions one. @param {Element} element @param {string} text */
  function isShort(element, text) {
    return [...element.childNodes].some((node) => node instanceof Text && node.data.includes(text) && node.data.trim().length <= 60);
  }

  /** Whether a text is near an element: in it, or around it. @param {Element | null} element @param {string} text */
  function isNear(element, text) {
    for (let i = 0; i < 4 && element && element !== document.body; i++, element = element.parentElement) {
      if (element.textContent?.includes(text)) return true;
    }
    return false;
  }

  /** @param {Element[]} elements @returns {PageText[]} */
  function textsOf(elements) {
    return etaxDoctorWords.texts.flatMap((known) => {
      const { text, when, code } = known;
      const holder = elements.find(
        (e) => e.textContent?.includes(text) && (!when || when === "answer" || isShort(e, text)) && (!known.with || isNear(e, known.with)),
      );
      if (!holder) return [];
      return code === "symptom.maintenance" ? { ...known, until: untilWhen(holder) } : known;
    });
  }

  /** Until when it is closed, as the message or the sentence after it says; "" if they do not. @param {Element} message */
  function untilWhen(message) {
    const said = `${message.textContent} ${message.nextElementSibling?.textContent ?? ""}`.normalize("NFKC");
    return /利用可能|受付/.test(said) ? "" : (UNTIL.exec(said)?.[0] ?? "");
  }

  const UNTIL = /(\d{1,2}月\d{1,2}日)?(\([月火水木金土日]\))?\s*(午前|午後)?\s*\d{1,2}(時(\d{1,2}分|半)?|:\d{2})\s*(まで|(から|より|に)再開)/;

  /** @param {PageText[]} texts those that are visible @returns {PageKind} */
  function kind(texts) {
    const { cardButtons, pages, loginDomain, loggedIn, numberField } = etaxDoctorWords;
    const named = Object.keys(pages).find((path) => location.pathname.endsWith(path));
    if (named) return pages[named];
    const inputs = document.getElementsByTagName("input");
    const few = inputs.length <= 500 ? [...inputs] : []; // a page with more is a form, and none of them asks for a card
    const buttons = [...document.getElementsByTagName("button"), ...document.getElementsByTagName("a"), ...few];
    const logins = location.hostname.endsWith(loginDomain);
    if (logins && buttons.some((b) => isButton(b, cardButtons))) return "login";
    if (buttons.some((b) => isButton(b, loggedIn.texts))) return "logged-in";
    // These hosts also show the end of a session.
    if (loggedIn.hosts.includes(location.hostname)) return texts.some((t) => t.when === "trouble") ? "other" : "logged-in";
    if (!logins) return kindOfStep(texts, buttons);
    const field = document.querySelector(numberField);
    return field && isVisible(field) ? "number" : "other";
  }

  /** @param {PageText[]} texts @param {Element[]} buttons @returns {PageKind} */
  function kindOfStep(texts, buttons) {
    const { cardButtons, pageButtons } = etaxDoctorWords;
    if (buttons.some((b) => isButton(b, [...cardButtons, ...pageButtons]))) return "choice";
    if (document.querySelector(FIELDS)) return "form";
    const length = document.body?.innerText.trim().length ?? 0;
    if (length === 0) return "other"; // it only leads on
    // A long page mentions messages; one that is a message itself says little else.
    return texts.length > 0 && length > 600 ? "form" : "step";
  }

  const FIELDS = "input:not([type=hidden], [type=button], [type=submit]), select, textarea";

  /** How long changes are gathered, in milliseconds: visibility is computed once for all of them. */
  const GATHER_TIME = 100;
  /** New and changed nodes. @type {Set<Node>} */
  const changed = new Set();
  let gathering = false;
  const observer = new MutationObserver(gather);

  /** @param {MutationRecord[]} records */
  function gather(records) {
    for (const record of records) {
      if (record.type === "characterData") changed.add(record.target);
      else for (const node of record.addedNodes) changed.add(node);
    }
    if (gathering || records.length === 0) return;
    gathering = true;
    setTimeout(() => {
      gathering = false;
      lookAtChanges();
      let texts = textsOf(appeared(shown()));
      // What unfolds in a form explains something, or repeats what was typed.
      if (texts.some((t) => t.when === "trouble") && kind(texts) === "form") texts = texts.filter((t) => t.when !== "trouble");
      if (texts.length > 0) void etaxDoctorTell.tell({ kind: "texts", texts });
    }, GATHER_TIME);
  }

  function lookAtChanges() {
    gather(observer.takeRecords());
    for (const node of changed) if (node.isConnected && !isTyped(node)) findHolders(node);
    changed.clear();
  }

  /** @param {Node} node */
  function isTyped(node) {
    return node.parentElement?.isContentEditable;
  }

  function lookAtPage() {
    // In a form, words that mean trouble are an explanation, or data. The page that reads the card may have fields, and dialogs
    // that are still hidden.
    const texts = kind([]) === "form" ? etaxDoctorWords.texts.filter(({ when }) => when !== "trouble") : undefined;
    findHolders(document.body ?? document.documentElement, texts);
  }

  function tellPage() {
    lookAtPage();
    const now = shown();
    appeared(now);
    const texts = textsOf(now);
    void etaxDoctorTell.tell({ kind: "page", page: kind(texts), texts });
  }

  let observing = false;

  /** Reports the page, and from then on each text that appears. */
  function startObserving() {
    observing = true;
    tellPage();
    // Attributes too: many dialogs exist from the start and only become visible.
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["class", "style", "hidden", "open"] });
  }

  let restored = false;

  /** The page came from the back/forward cache. */
  function reportRestored() {
    restored = true;
    tellPage();
  }

  /** Sets a cookie for this page's own path only, and removes it again. Its name is its own: another check may run. */
  function cookiesWork() {
    const name = `etax-doctor-probe-${Math.random()}`;
    const attributes = `=1; path=${location.pathname.split(";")[0]}; secure; samesite=strict`;
    document.cookie = name + attributes;
    const works = document.cookie.includes(name);
    document.cookie = `${name}${attributes}; max-age=0`;
    return works;
  }

  function navigation() {
    const [entry] = performance.getEntriesByType("navigation");
    return restored ? "back_forward" : (/** @type {PerformanceNavigationTiming | undefined} */ (entry)?.type ?? "navigate");
  }

  /**
   * Does not wait for the timers, which may be late in a hidden tab.
   * @param {boolean} whole also whether cookies work
   * @returns {PageFacts}
   */
  function pageFacts(whole) {
    if (observing) lookAtChanges();
    else lookAtPage();
    const marks = document.querySelectorAll('input[id="extension-is-installed"]');
    const texts = textsOf(shown());
    return {
      bridges: [...marks].map((mark) => /** @type {HTMLInputElement} */ (mark).value.slice(0, 20)),
      texts,
      page: kind(texts),
      navigation: navigation(),
      age: Math.round(performance.now()),
      cookiesEnabled: !whole || cookiesWork(),
    };
  }

  return { isButton, startObserving, reportRestored, pageFacts };
})();
