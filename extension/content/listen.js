// Listens to the login on e-Tax pages from the isolated world: what the page and the bridge say to each other, and what the
// person presses. It sends no event to the page.

(() => {
  const { tell, dropDeadline, newPage } = etaxDoctorTell;
  const { isCardButton, begin, comeBack, pageFacts } = etaxDoctorLook;

  /** Launches that were not answered yet, by their mode: 01 is the login. @type {Map<string, number>} */
  const open = new Map();
  /** More launches than that are no login: the card is left alone until the page has gone. */
  const MOST = 50;
  let launches = 0;
  /** The person has pressed the button since the last launch. */
  let pressed = false;
  setInFlight(); // the worker asks for it in each frame

  function setInFlight() {
    globalThis.etaxDoctorInFlight = open.size > 0 || launches > MOST;
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
    setInFlight();
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
    setInFlight();
    if (mode !== "01") return void tell({ kind: "done" });
    dropDeadline();
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

  // A page that is left waits for nothing, and one that comes back from the browser's memory is told anew.
  /** @param {Event} event */
  function left(event) {
    if (!event.isTrusted) return;
    dropDeadline();
    if (open.size > 0) void tell({ kind: "left" });
  }
  /** @param {PageTransitionEvent} event */
  function shownAgain(event) {
    if (!event.isTrusted || !event.persisted) return;
    newPage();
    open.clear();
    setInFlight();
    if (self === top) comeBack();
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

  function listen() {
    document.addEventListener("launchApp", launched, true);
    document.addEventListener("recvMsg", answered, true);
    addEventListener("pagehide", left);
    addEventListener("pageshow", shownAgain);
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
