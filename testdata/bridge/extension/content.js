// Plays the bridge extension of the e-Tax page, for tests: the same marks and the same events. That the app's mark is
// there says nothing of the app, in the real one too.
for (const [id, value] of [
  ["extension-is-installed", chrome.runtime.getManifest().version.split(".")[0]],
  ["app-is-installed", "29"],
]) {
  const mark = document.createElement("input");
  mark.type = "hidden";
  mark.id = id;
  mark.value = value;
  document.body.append(mark);
}

document.addEventListener("launchApp", async (event) => {
  const message = event.detail;
  const answer = await chrome.runtime.sendMessage({ type: "launch", message });
  const detail = answer ?? JSON.stringify({ ...JSON.parse(message), result: "1", errcode: "EW044-C300" });
  document.dispatchEvent(new CustomEvent("recvMsg", { detail, bubbles: true }));
});
