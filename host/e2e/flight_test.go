//go:build linux && cgo

package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/host/e2e/harness"
	"etax-doctor/manifests"
)

func launch(mode string) string {
	return fmt.Sprintf(`document.dispatchEvent(new CustomEvent("launchApp", {detail: '{"mode":"%s","digest":"AAAA"}'}));`, mode)
}

func answer(mode string) string {
	return fmt.Sprintf(`document.dispatchEvent(new CustomEvent("recvMsg", {detail: '{"mode":"%s","result":"0"}'}));`, mode)
}

// In each of these cases the bridge may still be using the card. When the person presses the icon, we must not read the
// card at the same time.
func TestALoginIsInFlight(t *testing.T) {
	frame := `await new Promise((done) => { const f = document.createElement("iframe"); f.src = "/number"; f.onload = done; document.body.append(f); });`
	for name, c := range map[string]struct {
		script string
		then   func(b *harness.Browser)
	}{
		"a launch":                       {launch("01"), nil},
		"a signature":                    {launch("02"), nil},
		"the page is reloaded":           {launch("01"), func(b *harness.Browser) { b.Navigate(harness.LoginPage) }},
		"another page of e-Tax":          {launch("01"), func(b *harness.Browser) { b.Navigate("https://" + harness.LoginHost + "/number") }},
		"the login answered, 02 is not":  {launch("01") + launch("02") + answer("01"), nil},
		"two launches, one answer":       {launch("02") + launch("02") + answer("02"), nil},
		"pagehide and pageshow, made up": {launch("01") + `dispatchEvent(new PageTransitionEvent("pagehide")); dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true}));`, nil},
		"in a frame":                     {frame + `const there = frames[0]; const d = there.document; d.dispatchEvent(new there.CustomEvent("launchApp", {detail: '{"mode":"01"}'}));`, nil},
		"in a frame that was taken away": {frame + `const there = frames[0]; const d = there.document; d.dispatchEvent(new there.CustomEvent("launchApp", {detail: '{"mode":"01"}'}));`, func(b *harness.Browser) { b.InPage(`document.querySelector("iframe").remove()`) }},
		"the document was opened anew":   {`document.open(); document.write("<button id=card>ICカードリーダーで読み取り</button>"); document.close(); await new Promise((done) => setTimeout(done));` + launch("01"), nil},
		"answers that nobody waited for": {launch("01") + answer("02") + answer("05"), nil},
		"more launches than a login has": {strings.Repeat(launch("01")+answer("01"), 60), nil},
	} {
		t.Run(name, func(t *testing.T) {
			card := harness.Insert(t, nil)
			b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), NoBridge: true})
			b.InPage(`(async () => {` + c.script + `})()`)
			if c.then != nil {
				b.WaitForFlight()
				c.then(b)
			}
			p := b.PressIcon()
			assert.Equal(t, "unknown", p.Station("card"), p.Title())
			assert.Empty(t, card.Record())
			switch name {
			case "a launch":
				p.Full(b).SavedReport("field") // the record for the developers waits too
			case "in a frame":
				p.Full(b)
			}
			assert.Empty(t, card.Record(), "nor by the full page")
		})
	}
}

// In these cases no login is in flight, and the card is read.
func TestNoLoginIsInFlight(t *testing.T) {
	for name, script := range map[string]string{
		"nothing":                  "",
		"launched and answered":    launch("01") + answer("01"),
		"both answered":            launch("01") + launch("02") + answer("02") + answer("01"),
		"the goodbye":              launch("05"),
		"an answer without a form": launch("02") + `document.dispatchEvent(new CustomEvent("recvMsg", {detail: {}}));`,
	} {
		t.Run(name, func(t *testing.T) {
			harness.Insert(t, nil)
			b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), NoBridge: true})
			b.InPage(script + `undefined`)
			assert.Equal(t, "ok", b.PressIcon().Station("card"))
		})
	}
}

// hostThatCountsRuns is a host that records how often it was started, and how many of it have run at the same time.
func hostThatCountsRuns(t *testing.T) (m *manifests.Host, most func() int, starts func() int) {
	t.Helper()
	dir := t.TempDir()
	script, log := filepath.Join(dir, "host.sh"), filepath.Join(dir, "starts")
	require.NoError(t, os.WriteFile(script, fmt.Appendf(nil, `#!/bin/sh
echo + >>%[1]s
%[2]s "$@"
echo - >>%[1]s
`, log, harness.HostProgram), 0o755))
	h := manifests.ForHost(script)
	read := func() (most, starts int) {
		data, _ := os.ReadFile(log)
		now := 0
		for line := range strings.Lines(string(data)) {
			if line == "+\n" {
				now++
				starts++
			} else {
				now--
			}
			most = max(most, now)
		}
		return most, starts
	}
	return &h, func() int { most, _ := read(); return most }, func() int { _, starts := read(); return starts }
}

// A page cannot start many hosts: if it makes many launches and answers itself, they cause only one check, and the
// person's own check can still run beside it.
func TestAPageCannotStartACrowdOfHosts(t *testing.T) {
	harness.Insert(t, nil)
	host, most, starts := hostThatCountsRuns(t)
	b := harness.StartBrowser(t, harness.Setup{Manifest: host, NoBridge: true, Deadlines: harness.Soon})
	b.InPage(`(async () => { for (let i = 0; i < 40; i++) {` + launch("01") +
		`document.dispatchEvent(new CustomEvent("recvMsg", {detail: '{"mode":"01","result":"1","errcode":"EW044-C300"}'})); await new Promise((done) => setTimeout(done, 20)); } })()`)
	require.Eventually(t, func() bool { return starts() >= 1 }, harness.Timeout, harness.Poll)
	b.Report("e-tax") // one host for the check, and one for the watch
	assert.LessOrEqual(t, most(), 2)
	assert.LessOrEqual(t, starts(), 3, "one look on a page, the report's check, and its watch")
}

// A flood of launches leaves the page usable.
func TestAFloodOfLaunches(t *testing.T) {
	b := harness.StartBrowser(t, harness.Setup{NoBridge: true})
	b.InPage(`for (let i = 0; i < 100000; i++) {` + launch("01") + `}`)
	b.WaitForState("launched")
	messages := func() (n int) {
		n, err := chromedp.Run(b.Worker(), chromedp.Evaluate[int](`Promise.all([chrome.storage.session.get(), chrome.tabs.query({url: "https://*.nta.go.jp/*"})]).then(([kept, [{id}]]) => kept["attempt:" + id].seq)`, chromedp.EvalAwaitPromise))
		require.NoError(t, err)
		return n
	}
	before := messages()
	assert.LessOrEqual(t, before, 3, "the worker hears of the page, of the first launch, and that there are too many")
	b.Press() // its message comes after all messages about the flood
	require.Eventually(t, func() bool { return messages() > before }, harness.Timeout, harness.Poll)
	assert.LessOrEqual(t, messages(), before+2)
}

// The page cannot control the banner: it cannot press its buttons, hide it with styles, or define its element.
func TestThePageCannotPlayWithTheBanner(t *testing.T) {
	harness.Insert(t, expired)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), NoBridge: true, Open: true})
	b.InPage(`document.head.append(Object.assign(document.createElement("style"), {textContent: "div { display: none !important; position: static !important; --text: transparent; --tone-ground: url(https://example.com/) }"}))`)
	b.Press()
	b.InPage(`document.dispatchEvent(new CustomEvent("recvMsg", {detail: '{"mode":"01","result":"1","errcode":"EW001-0001"}'}));`)
	b.WaitForBanner("有効期限")
	// Here the banner has an open shadow tree, unlike the shipped one, so that the page can try.
	host := `[...document.documentElement.children].find((e) => e.lang && e.shadowRoot)`
	shown, err := chromedp.Run(b.Ctx, chromedp.Evaluate[bool](host+`.shadowRoot.querySelector(".banner").checkVisibility() && !`+host+`.localName.includes("-")`))
	require.NoError(t, err)
	assert.True(t, shown, "the page's styles hide it")
	ours, err := chromedp.Run(b.Ctx, chromedp.Evaluate[bool](`(({color, backgroundImage}) => color !== "rgba(0, 0, 0, 0)" && backgroundImage === "none")(getComputedStyle(`+host+`.shadowRoot.querySelector(".banner")))`))
	require.NoError(t, err)
	assert.True(t, ours, "the page repaints it")
	b.InPage(host + `.shadowRoot.querySelector(".close").click(); ` + host + `.shadowRoot.querySelector(".more").click()`)
	assert.Contains(t, b.Banner(), "有効期限", "it was closed by the page")
	b.InPage(host + `.remove()`)
	assert.Equal(t, "!", b.Badges(), "the badge still says it")
}

// A repair that would end a login does nothing during a login, and does nothing to a tab that has left e-Tax.
func TestStartingAnewLooksFirst(t *testing.T) {
	b := harness.StartBrowser(t, harness.Setup{NoBridge: true})
	repair := func(tab string) string {
		t.Helper()
		// A page sends the message, as the popup does: the worker does not receive its own messages.
		page := b.Report("e-tax")
		said, err := chromedp.Run(page.Ctx, chromedp.Evaluate[string](`chrome.runtime.sendMessage({type: "repair", name: "fresh-tab", tabId: `+tab+`}).then(String)`, chromedp.EvalAwaitPromise))
		require.NoError(t, err)
		return said
	}
	urls := func() string {
		said, err := chromedp.Run(b.Worker(), chromedp.Evaluate[string](`chrome.tabs.query({}).then((tabs) => tabs.map((tab) => tab.url ?? "").filter((url) => !url.startsWith("chrome")).join(" "))`, chromedp.EvalAwaitPromise))
		require.NoError(t, err)
		return said
	}
	tab, err := chromedp.Run(b.Worker(), chromedp.Evaluate[int](`chrome.tabs.query({url: "https://*.e-tax.nta.go.jp/*"}).then(([tab]) => tab.id)`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	b.Open("https://" + harness.LoginHost + "/number")

	b.InPage(launch("02"))
	b.WaitForFlight()
	assert.Equal(t, "in-flight", repair(strconv.Itoa(tab)))
	assert.Contains(t, urls(), "/number", "nothing was closed")
	b.InPage(answer("02"))

	require.NoError(t, chromedp.Do(b.Ctx, chromedp.Navigate("about:blank")))
	opened := repair(strconv.Itoa(tab))
	assert.NotEqual(t, strconv.Itoa(tab), opened, "a tab that is elsewhere is left alone")
	assert.Contains(t, urls(), "loginIndividual")
	assert.NotContains(t, urls(), "/number")
	ctx, cancel := context.WithTimeout(b.Ctx, harness.Timeout)
	defer cancel()
	at, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href`))
	require.NoError(t, err)
	assert.Equal(t, "about:blank", at)
}
