// Listens to the login on e-Tax pages from the isolated world: the events between page and bridge, and the person's
// clicks. It dispatches no event to the page.

(() => {
  if (globalThis.etaxDoctorInFlight !== undefined) return; // it listens already
  const { tell, dropDeadline, newPage, drawBanner } = etaxDoctorTell;
  const { isButton, startObserving, reportRestored, pageFacts } = etaxDoctorLook;
  const { cardButtons, pageButtons } = etaxDoctorWords;

  /** The number of unanswered launches by mode; 01 is the login. @type {Map<string, number>} */
  const unanswered = new Map();
  /** More launches are no real login: the card is left alone until the page has gone. */
  const MAX_LAUNCHES = 50;
  let launches = 0;
  /** The person has pressed the button since the last launch. */
  let pressed = false;
  setInFlight(); // the worker reads it in each frame

  function setInFlight() {
    globalThis.etaxDoctorInFlight = unanswered.size > 0 || launches > MAX_LAUNCHES;
  }

  // The events between the page and the bridge. Their details carry the digest, the certificate and the signature.
  /** @param {Event} event */
  function launched(event) {
    if (launches > MAX_LAUNCHES) return;
    const { detail } = /** @type {CustomEvent} */ (event);
    // Other modes keep the card busy too, but are no login attempt; 05 ends the work.
    const mode = ++launches > MAX_LAUNCHES ? "never" : (typeof detail === "string" && field(detail, "mode")) || "01";
    if (mode === "05") return;
    const before = unanswered.get(mode) ?? 0;
    unanswered.set(mode, before + 1);
    setInFlight();
    if (before > 0 && !pressed) return; // reported before
    pressed = false;
    void tell({ kind: mode === "01" ? "launch" : "busy" });
  }

  /** @param {Event} event */
  function answered(event) {
    const given = /** @type {CustomEvent} */ (event).detail;
    // An answer of another type counts too, without readable fields.
    const detail = typeof given === "string" ? given : "";
    const mode = field(detail, "mode") || (unanswered.has("01") ? "01" : [...unanswered.keys()][0]);
    const remaining = (unanswered.get(mode) ?? 0) - 1;
    if (remaining < 0 || launches > MAX_LAUNCHES) return;
    if (remaining > 0) unanswered.set(mode, remaining);
    else unanswered.delete(mode);
    setInFlight();
    if (mode !== "01") return void tell({ kind: "done" });
    dropDeadline();
    void tell({ kind: "answer", result: field(detail, "result"), errcode: field(detail, "errcode") });
  }

  /**
   * Reads one short field, and no other. Values longer than a code do not match.
   * @param {string} detail
   * @param {"mode" | "result" | "errcode"} name
   */
  function field(detail, name) {
    return new RegExp(`"${name}"\\s*:\\s*"([A-Z0-9-]{1,12})"`).exec(detail)?.[1] ?? "";
  }

  /** @param {Event} event */
  function clicked(event) {
    const button = event.isTrusted && event.target instanceof Element && event.target.closest("button, a, input, [role=button], [onclick]");
    if (!button || !isButton(button, [...cardButtons, ...pageButtons])) return;
    pressed = true;
    void tell({ kind: "press", page: isButton(button, pageButtons) });
  }

  // A page that is left has no deadline; one from the back/forward cache is reported again.
  /** @param {Event} event */
  function onPageHide(event) {
    if (!event.isTrusted) return;
    dropDeadline();
    if (unanswered.size > 0) void tell({ kind: "left" });
  }
  /** @param {PageTransitionEvent} event */
  function onPageShow(event) {
    if (!event.isTrusted || !event.persisted) return;
    newPage();
    unanswered.clear();
    setInFlight();
    if (!etaxDoctorForeign) reportRestored();
  }

  /**
   * Waits until the page is parsed, and other extensions' scripts for that moment have run.
   * @param {() => void} work
   */
  function whenParsed(work) {
    const next = () => setTimeout(work, 0);
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", next, { once: true });
    else next();
  }

  /**
   * Waits for the next frame: the page then has its layout, so that the check for visible texts does not force another
   * one. The timeout is for hidden tabs, which draw no frames.
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
    addEventListener("pagehide", onPageHide);
    addEventListener("pageshow", onPageShow);
    if (!etaxDoctorForeign) document.addEventListener("click", clicked, true);
  }
  listen();
  // document.open() removes all listeners, and the root element.
  new MutationObserver(listen).observe(document, { childList: true });
  if (etaxDoctorForeign) return; // only the card's events count there
  whenParsed(() => whenDrawn(startObserving));
  if (self !== top) return;

  chrome.runtime.onMessage.addListener((message, _sender, reply) => {
    if (message?.type === "banner") drawBanner(message.banner);
    if (message?.type !== "page-facts") return;
    whenParsed(() => reply(pageFacts(message.whole)));
    return true;
  });
})();
