// Watches the login on e-Tax pages from the isolated world: it sends no event to the page and changes none of its
// elements. What it sees goes to the worker as a few words; the worker knows what they mean.

/** @import {AttemptEvent, PageKind, PageText, WatchAnswer} from "../types.d.ts" */

(() => {
  /** This load of the page, and the number of what was told of it: the worker may hear the same thing twice. */
  let page = String(Math.random());
  let told = 0;
  /** The number of the message whose answer set the deadline that holds: answers may overtake each other. */
  let timed = 0;
  /** Launches that were not answered yet, by their mode: 01 is the login. @type {Map<string, number>} */
  const open = new Map();
  /** More launches than that are no login: the card is left alone until the page has gone. */
  const MOST = 50;
  let launches = 0;
  /** The person has pressed the button since the last launch. */
  let pressed = false;
  globalThis.etaxDoctorInFlight = false; // the worker asks for it in each frame
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
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
    const answer = await ask({ type: "watch", page, n, event, get inFlight() { return open.size > 0; } }); // as it is when it is sent
    if (!answer) return;
    if (answer.after !== undefined && n > timed) {
      timed = n;
      clearTimeout(timer);
      if (answer.after !== null) timer = setTimeout(() => void tell({ kind: "deadline" }), answer.after);
    }
    if (answer.banner === "hide") globalThis.etaxDoctorBanner?.hide();
    else if (answer.banner) globalThis.etaxDoctorBanner?.show(answer.banner, () => void ask({ type: "open-report" }));
  }

  // The events between the page and the bridge. Their details carry the digest, the certificate and the signature.
  /** @param {Event} event */
  function launched(event) {
    if (launches > MOST) return;
    const { detail } = /** @type {CustomEvent} */ (event);
    // What else the bridge may be asked to do keeps the card busy too, and is no attempt to log in; 05 ends it.
    const mode = ++launches > MOST ? "never" : (typeof detail === "string" && field(detail, "mode")) || "01";
    if (mode === "05") return;
    const before = open.get(mode) ?? 0;
    open.set(mode, before + 1);
    globalThis.etaxDoctorInFlight = true;
    if (before > 0 && !pressed) return; // the worker knows
    pressed = false;
    void tell({ kind: mode === "01" ? "launch" : "busy" });
  }

  /** @param {Event} event */
  function answered(event) {
    const given = /** @type {CustomEvent} */ (event).detail;
    // An answer in another form is one all the same, with nothing in it that can be read.
    const detail = typeof given === "string" ? given : "";
    const mode = field(detail, "mode") || (open.has("01") ? "01" : [...open.keys()][0]);
    const left = (open.get(mode) ?? 0) - 1;
    if (left < 0 || launches > MOST) return;
    if (left > 0) open.set(mode, left);
    else open.delete(mode);
    globalThis.etaxDoctorInFlight = open.size > 0;
    if (mode !== "01") return void tell({ kind: "done" });
    clearTimeout(timer);
    void tell({ kind: "answer", result: field(detail, "result"), errcode: field(detail, "errcode") });
  }

  /**
   * One short field of an answer, found without reading the others. Nothing that is longer than a code matches.
   * @param {string} detail
   * @param {"mode" | "result" | "errcode"} name
   */
  function field(detail, name) {
    return new RegExp(`"${name}"\\s*:\\s*"([A-Z0-9-]{1,12})"`).exec(detail)?.[1] ?? "";
  }

  /** @param {Event} event */
  function clicked(event) {
    const button = event.isTrusted && event.target instanceof Element && event.target.closest("button, a, input, [role=button], [onclick]");
    if (!button || !isCardButton(button)) return;
    pressed = true;
    void tell({ kind: "press" });
  }

  /**
   * What is typed into a field is never read.
   * @param {Element} element
   */
  function isCardButton(element) {
    const text = element instanceof HTMLInputElement ? ["button", "submit"].includes(element.type) && element.value : element.textContent;
    return etaxDoctorWords.cardButtons.some((b) => text && text.includes(b));
  }

  /** @param {Element} element */
  function isVisible(element) {
    return element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  }

  /**
   * Finds the elements of a new or changed node that hold one of the known texts. The page waits for this: one search of
   * the whole text for each is faster than one regular expression of them all. A large node is looked at by its parts,
   * most of which hold none; in a small one an XPath is faster than a walk over nodes, each kind of which the browser
   * would have to make ready for this script.
   * @param {Node} node
   * @param {{text: string}[]} texts
   */
  function look(node, texts = etaxDoctorWords.texts) {
    const whole = node.textContent ?? "";
    const inside = texts.filter(({ text }) => whole.includes(text));
    if (inside.length === 0) return;
    if (whole.length > 2000 && node.firstChild) {
      for (const child of node.childNodes) look(child, inside);
      return;
    }
    const holds = inside.map(({ text }) => `contains(., "${text}")`).join(" or ");
    const found = document.evaluate(`descendant-or-self::text()[${holds}]`, node, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE);
    for (let i = 0; i < found.snapshotLength; i++) {
      const parent = found.snapshotItem(i)?.parentElement;
      if (parent && !["SCRIPT", "STYLE", "NOSCRIPT"].includes(parent.tagName)) holders.set(parent, false);
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
    return etaxDoctorWords.texts
      .filter(({ text, always }) => elements.some((e) => e.textContent?.includes(text) && (!always || isShort(e))))
      .map(({ code, always, afterAnswer }) => ({ code, always, afterAnswer }));
  }

  /**
   * @param {PageText[]} texts those that are visible
   * @returns {PageKind}
   */
  function kind(texts) {
    const { hosts, texts: marks } = etaxDoctorWords.loggedIn;
    const buttons = ["button", "a", "input"].flatMap((name) => [...document.getElementsByTagName(name)]);
    if (buttons.some(isCardButton)) return "login";
    if (buttons.some((b) => marks.some((t) => b.textContent?.includes(t)))) return "logged-in";
    // A session may end on its hosts too.
    if (hosts.includes(location.hostname)) return texts.some((t) => t.always) ? "other" : "logged-in";
    const field = document.querySelector(etaxDoctorWords.numberField);
    return field && isVisible(field) ? "number" : "other";
  }

  /** How long changes of the page are gathered, in milliseconds: what is visible is asked for once for all of them. */
  const GATHER = 100;
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
      const texts = textsOf(appeared(shown()));
      if (texts.length > 0) void tell({ kind: "texts", texts });
    }, GATHER);
  }

  function lookAtChanges() {
    gather(observer.takeRecords());
    for (const node of changed) if (node.isConnected) look(node);
    changed.clear();
  }

  function lookAtPage() {
    look(document.body ?? document.documentElement);
  }

  function tellPage() {
    lookAtPage();
    const now = shown();
    appeared(now);
    const texts = textsOf(now);
    void tell({ kind: "page", page: kind(texts), texts });
  }

  /**
   * Once the page is there, and the scripts of other extensions that wait for it have run.
   * @param {() => void} work
   */
  function whenParsed(work) {
    const next = () => setTimeout(work, 0);
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", next, { once: true });
    else next();
  }

  /**
   * After the next frame: then the page has its layout, and to ask what is visible does not cost it one of its own. A
   * hidden tab, which draws none, is not waited for for ever.
   * @param {() => void} work
   */
  function whenDrawn(work) {
    const anyway = setTimeout(() => {
      cancelAnimationFrame(frame);
      work();
    }, 500);
    const frame = requestAnimationFrame(() => {
      clearTimeout(anyway);
      setTimeout(work, 0);
    });
  }

  let begun = false;
  function begin() {
    begun = true;
    tellPage();
    // Attributes too: dialogs often lie in the page and are only made visible.
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["class", "style", "hidden", "open"] });
  }

  // A page that is left waits for nothing, and one that comes back from the browser's memory is told anew.
  /** @param {Event} event */
  function left(event) {
    if (!event.isTrusted) return;
    clearTimeout(timer);
    if (open.size > 0) void tell({ kind: "left" });
  }
  /** @param {PageTransitionEvent} event */
  function comeBack(event) {
    if (!event.isTrusted || !event.persisted) return;
    page = String(Math.random());
    open.clear();
    globalThis.etaxDoctorInFlight = launches > MOST;
    cameBack = true;
    if (self === top) tellPage();
  }
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

  /**
   * What is there now: in a hidden tab, what was planned for later may be long in coming.
   * @returns {import("../types.d.ts").PageFacts}
   */
  function pageFacts() {
    if (begun) lookAtChanges();
    else lookAtPage();
    const marks = document.querySelectorAll('input[id="extension-is-installed"]');
    const texts = textsOf(shown());
    return {
      bridges: [...marks].map((mark) => /** @type {HTMLInputElement} */ (mark).value.slice(0, 20)),
      texts,
      page: kind(texts),
      navigation: navigation(),
      age: Math.round(performance.now()),
      cookiesEnabled: cookiesWork(),
    };
  }

  function listen() {
    document.addEventListener("launchApp", launched, true);
    document.addEventListener("recvMsg", answered, true);
    addEventListener("pagehide", left);
    addEventListener("pageshow", comeBack);
    if (self === top) document.addEventListener("click", clicked, true);
  }
  listen();
  // document.open() takes all listeners away, with the document's element.
  new MutationObserver(listen).observe(document, { childList: true });
  if (self !== top) return; // of a frame, only what it does with the card counts

  chrome.runtime.onMessage.addListener((message, _sender, reply) => {
    if (message?.type !== "page-facts") return undefined;
    whenParsed(() => reply(pageFacts()));
    return true;
  });
  whenParsed(() => whenDrawn(begin));
})();
