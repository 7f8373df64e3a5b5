//go:build linux && cgo

package harness

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// Report opens the full page in a tab, for the e-Tax tab whose URL contains address.
func (b *Browser) Report(address string) *Popup {
	b.T.Helper()
	tab, err := chromedp.Run(b.Worker(), chromedp.Evaluate[int](`chrome.tabs.query({url: ["https://*.nta.go.jp/*", "https://myna.go.jp/*"]}).then((tabs) => tabs.find((tab) => tab.url.includes("`+address+`")).id)`, chromedp.EvalAwaitPromise))
	require.NoError(b.T, err)
	ctx, cancel := chromedp.NewContext(b.Ctx)
	b.T.Cleanup(cancel)
	require.NoError(b.T, chromedp.Do(ctx, chromedp.Navigate("chrome-extension://"+ExtensionID+"/ui/report.html?tab="+strconv.Itoa(tab))))
	p := &Popup{T: b.T, Ctx: ctx}
	p.WaitForVerdict()
	return p
}

// Repair presses the button of a repair and waits for the new verdict.
func (p *Popup) Repair(name string) {
	p.T.Helper()
	ctx, cancel := context.WithTimeout(p.Ctx, Timeout)
	defer cancel()
	require.NoError(p.T, chromedp.Do(ctx,
		chromedp.Evaluate[chromedp.Void](`document.body.dataset.code = ""`),
		chromedp.Click(`#repairs [data-repair="`+name+`"]`)))
	p.WaitForVerdict()
}

func (b *Browser) InWorker(script string) {
	b.T.Helper()
	require.NoError(b.T, chromedp.Do(b.Worker(), chromedp.Evaluate[chromedp.Void](script, chromedp.EvalAwaitPromise)))
}

// Open opens a page in a further tab.
func (b *Browser) Open(url string) {
	b.T.Helper()
	ctx, cancel := chromedp.NewContext(b.Ctx)
	b.T.Cleanup(cancel)
	require.NoError(b.T, chromedp.Do(ctx, chromedp.Navigate(url), chromedp.WaitVisible(chromedp.CSS("body"))))
}

// InPage runs a script as the page's own.
func (b *Browser) InPage(script string) {
	b.T.Helper()
	require.NoError(b.T, chromedp.Do(b.Ctx, chromedp.Evaluate[chromedp.Void](script, chromedp.EvalAwaitPromise)))
}

func (b *Browser) Navigate(url string) {
	b.T.Helper()
	require.NoError(b.T, chromedp.Do(b.Ctx, chromedp.Navigate(url), chromedp.WaitVisible(chromedp.CSS("body"))))
	b.WaitUntilWatched()
}

// WaitForFlight waits until the worker has recorded a launch.
func (b *Browser) WaitForFlight() {
	b.T.Helper()
	b.WaitInWorker("no flight", `Object.keys(kept).some((key) => key.startsWith("flight:"))`)
}

// HostState is where the host, started by this browser, keeps its log.
func (b *Browser) HostState() string { return filepath.Join(b.Folder, "state", "etax-doctor") }

// Text is the visible text of an element of the page.
func (p *Popup) Text(id string) string {
	p.T.Helper()
	return p.Evaluate(`document.getElementById("` + id + `").innerText`)
}

// Unfold opens whatever the popup has folded.
func (p *Popup) Unfold() {
	p.T.Helper()
	p.Do(`for (const fold of document.querySelectorAll("details")) fold.open = true`)
}

// Until waits for a text in an element.
func (p *Popup) Until(id, text string) {
	p.T.Helper()
	require.Eventually(p.T, func() bool { return strings.Contains(p.Text(id), text) }, Timeout, Poll, "no %q in %s", text, id)
}

// Ask writes what the screen said into the page's form.
func (p *Popup) Ask(words string) {
	p.T.Helper()
	p.Do(`document.getElementById("symptom").value = ` + "`" + words + "`" + `; document.querySelector("#symptom-form button").click()`)
}

func (p *Popup) Do(script string) {
	p.T.Helper()
	require.NoError(p.T, chromedp.Do(p.Ctx, chromedp.Evaluate[chromedp.Void](`{`+script+`}`)))
}

// SavedReport is the file that a button of the page saves.
func (p *Popup) SavedReport(button string) string {
	p.T.Helper()
	saved, err := chromedp.Run(p.Ctx, chromedp.Evaluate[string](`(async () => {
		const [make, press] = [URL.createObjectURL, HTMLAnchorElement.prototype.click];
		let blob;
		URL.createObjectURL = (made) => make.call(URL, blob = made);
		HTMLAnchorElement.prototype.click = () => {};
		document.getElementById("`+button+`").click();
		for (let i = 0; !blob && i < 3000; i++) await new Promise((next) => setTimeout(next, 10));
		[URL.createObjectURL, HTMLAnchorElement.prototype.click] = [make, press];
		return blob.text();
	})()`, chromedp.EvalAwaitPromise))
	require.NoError(p.T, err)
	return saved
}

// HostLog is the log of all hosts of this browser.
func (b *Browser) HostLog() string {
	b.T.Helper()
	var all []byte
	require.NoError(b.T, filepath.WalkDir(filepath.Join(b.Folder, "state"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all = append(all, data...)
		return err
	}))
	return string(all)
}

// Poll is how often a condition is checked.
const Poll = 10 * time.Millisecond

// Press presses the card button of the page, or of its first frame.
func (b *Browser) Press() {
	b.T.Helper()
	ctx, cancel := context.WithTimeout(b.Ctx, Timeout)
	defer cancel()
	at, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64](`(async () => {
		let button;
		while (!(button = document.querySelector("#card") ?? frames[0]?.document?.querySelector("#card"))) await new Promise(requestAnimationFrame);
		// Until a page is drawn for the first time, the browser drops what the mouse does.
		const {performance} = button.ownerDocument.defaultView;
		while (performance.getEntriesByName("first-contentful-paint").length === 0) await new Promise(requestAnimationFrame);
		const frame = button.ownerDocument === document ? {x: 0, y: 0} : frames[0].frameElement.getBoundingClientRect();
		const {x, y, width, height} = button.getBoundingClientRect();
		return [frame.x + x + width / 2, frame.y + y + height / 2];
	})()`, chromedp.EvalAwaitPromise))
	require.NoError(b.T, err)
	require.NoError(b.T, chromedp.Do(b.Ctx, chromedp.MouseClickXY(at[0], at[1])))
}

// WaitUntilSettled waits until the full page has heard of the reader, and its first events are over.
func (p *Popup) WaitUntilSettled() {
	p.T.Helper()
	p.Until("live", "RC-S300")
	require.Eventually(p.T, func() bool { return p.Evaluate(`document.getElementById("live").dataset.settled ?? ""`) == "yes" }, Timeout, Poll)
}
