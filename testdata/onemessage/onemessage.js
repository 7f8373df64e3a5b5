// The smallest script that watches a page and reports on it: one listener, one look at the text, one message.
document.addEventListener("DOMContentLoaded", () => chrome.runtime.sendMessage(document.body.textContent.length));
