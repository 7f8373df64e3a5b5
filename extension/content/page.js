// Runs in the isolated world of e-Tax pages. It only looks: it sends no event to the page and changes nothing in it.

(() => {
  /** launchApp was seen and its answer was not. */
  let loginInFlight = false;

  // The events between the page and the bridge. Their details carry the digest, the certificate and the signature, so
  // not even the detail is touched: that the event happened is all that is needed here.
  document.addEventListener("launchApp", () => (loginInFlight = true), true);
  document.addEventListener("recvMsg", () => (loginInFlight = false), true);

  chrome.runtime.onMessage.addListener((message, _sender, reply) => {
    if (message?.type !== "page-facts") return;
    const mark = document.getElementById("extension-is-installed");
    reply({ bridgeVersion: mark instanceof HTMLInputElement ? mark.value.slice(0, 20) : null, loginInFlight });
  });
})();
