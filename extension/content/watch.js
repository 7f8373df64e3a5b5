// Watches the login on e-Tax pages from the isolated world: it sends no event to the page and changes none of its
// elements. What it sees goes to the worker as a few words; the worker knows what they mean.

/** @import {AttemptEvent, PageKind, PageText, WatchAnswer, Words} from "../types.d.ts" */

(() => {
  /** This load of the page, and the number of what was told of it: the worker may hear the same thing twice. */
  let page = crypto.randomUUID();
  let told = 0;
  /** The number of the message whose answer set the deadline that holds: answers may overtake each other. */
  let timed = 0;
  /** launchApp was seen and its answer was not. */
  let loginInFlight = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Words | undefined} */
  let words;
  /** Elements that hold one of the texts, and whether they were visible when last looked at. @type {Map<Element, boolean>} */
  const holders = new Map();

  /** How long to wait before the worker is asked again, in milliseconds. */
  const PATIENCE = [0, 100, 500, 2500];

  /**
   * Asks the worker. It may be stopped in the middle of its work, or not listen yet when the browser has only just
   * started; then it is asked again. Without an extension any more (it was removed or updated) nobody is asked.
   * @param {unknown} message
   */
  async function ask(message) {
    for (const wait of PATIENCE) {
      if (wait > 0) await new Promise((done) => setTimeout(done, wait));
      if (!chrome.runtime?.id) return undefined;
      try {
        const answer = await chrome.runtime.sendMessage(message);
        if (answer !== undefined) return answer;
      } catch {
        continue;
      }
    }
    return undefined;
  }

  /** @param {AttemptEvent} event */
  async function tell(event) {
    const n = ++told;
    /** @type {WatchAnswer | undefined} */
    const answer = await ask({ type: "watch", page, n, event });
    if (!answer) return;
    if (answer.after !== undefined && n > timed) {
      timed = n;
      clearTimeout(timer);
      if (answer.after !== null) timer = setTimeout(() => void tell({ kind: "deadline" }), answer.after);
    }
    if (answer.banner === "hide") etaxDoctorBanner.hide();
    else if (answer.banner) etaxDoctorBanner.show(answer.banner, () => void ask({ type: "open-report" }));
  }

  // The events between the page and the bridge. Their details carry the digest, the certificate and the signature.
  document.addEventListener(
    "launchApp",
    (event) => {
      loginInFlight = true;
      const detail = /** @type {CustomEvent} */ (event).detail;
      // 01 is the login; what else the bridge may be asked to do keeps the card busy, and is no attempt to log in.
      const mode = typeof detail === "string" ? field(detail, "mode") : "";
      void tell({ kind: mode === "01" || mode === "" ? "launch" : "busy" });
    },
    true,
  );
  document.addEventListener(
    "recvMsg",
    (event) => {
      const given = /** @type {CustomEvent} */ (event).detail;
      // An answer in another form is one all the same, with nothing in it that can be read.
      const detail = typeof given === "string" ? given : "";
      if (field(detail, "mode") === "05") return; // the goodbye
      loginInFlight = false;
      clearTimeout(timer);
      void tell({ kind: "answer", result: field(detail, "result"), errcode: field(detail, "errcode") });
    },
    true,
  );

  /**
   * One short field of an answer, found without reading the others. Nothing that is longer than a code matches.
   * @param {string} detail
   * @param {"mode" | "result" | "errcode"} name
   */
  function field(detail, name) {
    return new RegExp(`"${name}"\\s*:\\s*"([A-Z0-9-]{1,12})"`).exec(detail)?.[1] ?? "";
  }

  document.addEventListener(
    "click",
    (event) => {
      const pressed = event.isTrusted && event.target instanceof Element && event.target.closest("button, a, input, [role=button], [onclick]");
      if (pressed && isCardButton(pressed)) void tell({ kind: "press" });
    },
    true,
  );

  /** @param {Element} element */
  function isCardButton(element) {
    const text = element.tagName === "INPUT" ? /** @type {HTMLInputElement} */ (element).value : element.textContent;
    return words?.cardButtons.some((b) => text?.includes(b)) ?? false;
  }

  /** @param {Element} element */
  function isVisible(element) {
    return element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  }

  /**
   * Finds the elements of a new or changed node that hold one of the known texts. The page waits for this: one search of
   * the whole text for each is faster than one regular expression of them all, and an XPath than a walk over the nodes.
   * @param {Node} node
   */
  function look(node) {
    const text = node.textContent;
    for (const known of words?.texts ?? []) {
      if (!text?.includes(known.text)) continue;
      const found = document.evaluate(`descendant-or-self::text()[contains(., "${known.text}")]`, node, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE);
      for (let i = 0; i < found.snapshotLength; i++) {
        const parent = found.snapshotItem(i)?.parentElement;
        if (parent && !["SCRIPT", "STYLE", "NOSCRIPT"].includes(parent.tagName)) holders.set(parent, false);
      }
    }
  }

  /** The elements that hold a text and are visible. */
  function shown() {
    for (const element of holders.keys()) if (!element.isConnected) holders.delete(element);
    return [...holders.keys()].filter(isVisible);
  }

  /**
   * Those of them that have become visible since this was last asked.
   * @param {Element[]} now what is shown
   */
  function appeared(now) {
    const fresh = now.filter((element) => !holders.get(element));
    for (const element of holders.keys()) holders.set(element, now.includes(element));
    return fresh;
  }

  /**
   * A message, and not a passage that only speaks of it.
   * @param {Element} element
   */
  function isShort(element) {
    return (element.textContent?.trim().length ?? 0) <= 60;
  }

  /**
   * @param {Element[]} elements
   * @returns {PageText[]}
   */
  function textsOf(elements) {
    return (words?.texts ?? [])
      .filter(({ text, always }) => elements.some((e) => e.textContent?.includes(text) && (!always || isShort(e))))
      .map(({ code, always, afterAnswer }) => ({ code, always, afterAnswer }));
  }

  /**
   * @param {PageText[]} texts those that are visible
   * @returns {PageKind}
   */
  function kind(texts) {
    if (!words) return "other";
    const { hosts, texts: marks } = words.loggedIn;
    const buttons = [...document.querySelectorAll("button, a, input[type=button], input[type=submit]")];
    if (buttons.some(isCardButton)) return "login";
    if (buttons.some((b) => marks.some((t) => b.textContent?.includes(t)))) return "logged-in";
    // A session may end on its hosts too.
    if (hosts.includes(location.hostname)) return texts.some((t) => t.always) ? "other" : "logged-in";
    const field = document.querySelector(words.numberField);
    return field && isVisible(field) ? "number" : "other";
  }

  const observer = new MutationObserver((records) => {
    for (const record of records) {
      if (record.type === "characterData") look(record.target);
      else for (const node of record.addedNodes) look(node);
    }
    if (holders.size === 0 || waiting) return;
    waiting = true;
    void drawn().then(() => {
      waiting = false;
      const texts = textsOf(appeared(shown()));
      if (texts.length > 0) void tell({ kind: "texts", texts });
    });
  });
  let waiting = false;

  function tellPage() {
    look(document.body ?? document.documentElement);
    const now = shown();
    appeared(now);
    const texts = textsOf(now);
    void tell({ kind: "page", page: kind(texts), texts });
  }

  /** The page is there, and the scripts of other extensions that wait for it have run. @type {Promise<void>} */
  const parsed = new Promise((done) => {
    const next = () => setTimeout(done, 0);
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", next, { once: true });
    else next();
  });

  /** How long, in milliseconds, a page that is not drawn at all, in a hidden tab, is waited for. */
  const HIDDEN = 500;

  /** After the next frame: then the page has its layout, and to ask what is visible does not cost it one of its own. */
  function drawn() {
    return new Promise((done) => {
      const anyway = setTimeout(done, HIDDEN);
      requestAnimationFrame(() => {
        clearTimeout(anyway);
        setTimeout(done, 0);
      });
    });
  }

  async function begin() {
    words = await ask({ type: "words" });
    await parsed;
    await drawn();
    if (!words) return;
    tellPage();
    // Attributes too: dialogs often lie in the page and are only made visible.
    observer.observe(document.documentElement, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["class", "style", "hidden", "open"] });
  }

  // A page that is left waits for nothing, and one that comes back from the browser's memory is told anew.
  addEventListener("pagehide", () => clearTimeout(timer));
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    page = crypto.randomUUID();
    loginInFlight = false;
    cameBack = true;
    tellPage();
  });
  let cameBack = false;

  /** Tries it with a cookie of our own that only this page's own address would be sent, and takes it away again. */
  function cookiesWork() {
    const probe = "etax-doctor-probe=1";
    const attributes = `; path=${location.pathname.split(";")[0]}; secure; samesite=strict`;
    document.cookie = probe + attributes;
    const works = document.cookie.includes(probe);
    document.cookie = `${probe}${attributes}; max-age=0`;
    return works;
  }

  function navigation() {
    const [entry] = performance.getEntriesByType("navigation");
    return cameBack ? "back_forward" : (/** @type {PerformanceNavigationTiming | undefined} */ (entry)?.type ?? "navigate");
  }

  /** @returns {import("../types.d.ts").PageFacts} */
  function pageFacts() {
    const marks = document.querySelectorAll('input[id="extension-is-installed"]');
    const texts = textsOf(shown());
    return {
      bridges: [...marks].map((mark) => /** @type {HTMLInputElement} */ (mark).value.slice(0, 20)),
      loginInFlight,
      texts,
      page: kind(texts),
      navigation: navigation(),
      age: Math.round(performance.now()),
      cookiesEnabled: cookiesWork(),
    };
  }

  chrome.runtime.onMessage.addListener((message, _sender, reply) => {
    if (message?.type !== "page-facts") return undefined;
    void parsed.then(() => reply(pageFacts()));
    return true;
  });
  void begin();
})();
