// The least that a popup can do with a host: start it, ask it once, and paint one line with its answer.
const port = chrome.runtime.connectNative("jp.etax_doctor.floor");
port.onMessage.addListener((message) => {
  if (message.type === "hello") return port.postMessage({ type: "echo" });
  document.body.textContent = message.type;
  document.body.dataset.code = message.type;
});
