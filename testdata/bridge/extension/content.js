// Plays the bridge extension of the e-Tax page, for tests: the same marks and the same events. As in the real one, the
// mark of the app does not show that the app is there.
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
