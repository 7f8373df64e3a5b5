// The least that a script can do which watches a page and tells of it: one listener, one look, one message.
document.addEventListener("DOMContentLoaded", () => chrome.runtime.sendMessage(document.body.textContent.length));
