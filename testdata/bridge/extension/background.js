// Passes a page's message to the app, and its first answer back; null if the app ended without one.
chrome.runtime.onMessage.addListener(({ message }, _sender, reply) => {
  const port = chrome.runtime.connectNative("jp.go.cao.mpa");
  port.onMessage.addListener((answer) => {
    reply(JSON.stringify(answer));
    port.disconnect();
  });
  port.onDisconnect.addListener(() => reply(null));
  port.postMessage(JSON.parse(message));
  return true;
});
