//go:build linux && cgo

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/virtualcard"
	"etax-doctor/host/e2e/harness"
	"etax-doctor/manifests"
)

const myPage = "https://mypage.e-tax.nta.go.jp/UF_MYP/mypage"

func then(page string) string { return "/login/reception/loginIndividual?then=" + page }

// hostThatCountsStarts returns the manifest of a host that writes a line each time it is started, and the number of its starts.
func hostThatCountsStarts(t *testing.T) (m *manifests.Host, starts func() int) {
	t.Helper()
	dir := t.TempDir()
	script, log := filepath.Join(dir, "host.sh"), filepath.Join(dir, "starts")
	require.NoError(t, os.WriteFile(script, fmt.Appendf(nil, "#!/bin/sh\necho started >>%s\nexec %s \"$@\"\n", log, harness.HostProgram), 0o755))
	h := manifests.ForHost(script)
	return &h, func() int {
		data, _ := os.ReadFile(log)
		return strings.Count(string(data), "\n")
	}
}

// From the press of the button to My Page, nothing is drawn, no host is started, and the card is not touched.
func TestAHealthyLoginIsNotDisturbed(t *testing.T) {
	card := harness.Insert(t, nil)
	host, starts := hostThatCountsStarts(t)
	b := harness.StartBrowser(t, harness.Setup{Manifest: host, App: harness.Accepted, Path: then(myPage)})
	b.Press()
	b.WaitForState("accepted")
	assert.Empty(t, b.Banner())
	assert.Empty(t, b.Badges())
	assert.Zero(t, starts())
	assert.Empty(t, card.Record())
}

// A banner that is no longer true disappears.
func TestABannerThatIsOverGoes(t *testing.T) {
	d := pcsctest.Start(t, harness.ReaderName)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(),
		Deadlines: harness.Deadlines{Looks: slices.Repeat([]int{300}, 1000), LookPause: 300}})
	b.Press()
	b.WaitForBanner("置かれていません")
	d.Insert(t, 0, virtualcard.New(virtualcard.Healthy(time.Now())))
	require.Eventually(t, func() bool { return !strings.Contains(b.Banner(), "置かれていません") }, harness.Timeout, harness.Poll)
}

// If a login begins while the card is being read, the host releases the card, and the check runs again without the card.
func TestALoginBeginsWhileTheCardIsRead(t *testing.T) {
	card := harness.Insert(t, func(p *virtualcard.Profile) { p.Delay = 300 * time.Millisecond })
	reading, answer := make(chan struct{}), make(chan struct{})
	goOn := sync.OnceFunc(func() { close(answer) })
	t.Cleanup(goOn)
	card.At(2, func() { close(reading); <-answer })
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	worker := b.Worker()
	require.NoError(t, chromedp.Do(worker, chromedp.Evaluate[chromedp.Void](`chrome.action.openPopup()`, chromedp.EvalAwaitPromise)))
	select {
	case <-reading:
	case <-time.After(harness.Timeout):
		require.Fail(t, "the card is not read")
	}
	require.NoError(t, chromedp.Do(b.Ctx, chromedp.Evaluate[chromedp.Void](`document.dispatchEvent(new CustomEvent("launchApp", {detail: '{"mode":"01","digest":"AAAA"}'}))`)))
	b.WaitForFlight() // by then the reading is told to end
	goOn()
	p := &harness.Popup{T: t, Ctx: b.Attach("page", "chrome-extension://"+harness.ExtensionID+"/ui/popup.html")}
	p.WaitForVerdict()
	assert.Equal(t, "unknown", p.Station("card"))
	assert.Less(t, len(card.Record()), 5, "the card was read to its end")
	assert.Zero(t, card.Resets())
}

// After an answer of any form, the card may be read again.
func TestAnAnswerThatCannotBeRead(t *testing.T) {
	harness.Insert(t, nil)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	b.Press()
	b.WaitForState("launched")
	require.NoError(t, chromedp.Do(b.Ctx, chromedp.Evaluate[chromedp.Void](`document.dispatchEvent(new CustomEvent("recvMsg", {detail: {mode: "01", result: "0"}}))`)))
	b.WaitForState("answered")
	assert.Equal(t, "ok", b.Report("login").Finding("card.ready"))
}

// A text that is on the page counts in a check, even if the content script's own message about it is late.
func TestATextIsSeenWhenItIsAskedFor(t *testing.T) {
	harness.Insert(t, nil)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Path: "/number", Late: true})
	require.NoError(t, chromedp.Do(b.Ctx, chromedp.Evaluate[chromedp.Void](`document.body.append(Object.assign(document.createElement("p"), {textContent: "セッションタイムアウトが発生しました。"}))`)))
	assert.Equal(t, "session.timed-out", b.Report("number").Code())
}

// A check that had to wait is not made when the page has gone meanwhile: it would read the card for nobody.
func TestACheckThatWaitsForAPageThatGoes(t *testing.T) {
	harness.Insert(t, nil)
	host, starts := hostThatCountsStarts(t)
	b := harness.StartBrowser(t, harness.Setup{Manifest: host, Own: true, Deadlines: harness.Deadlines{LookPause: harness.Never}})
	b.Navigate("https://" + harness.LoginHost + "/maintenance")
	b.WaitForBanner("メンテナンス")
	before := starts()
	b.InWorker(`{
		const wait = setTimeout;
		globalThis.setTimeout = (work, ms, ...more) => (ms > 60_000 ? ((globalThis.pauseIsOver = work), 0) : wait(work, ms, ...more));
	}`)
	b.Navigate("https://" + harness.LoginHost + "/timeout")
	b.WaitInWorker("no check waits", `globalThis.pauseIsOver`)
	b.Navigate("https://" + harness.LoginHost + "/number")
	b.WaitForState("idle")
	b.InWorker(`pauseIsOver()`)
	b.PressIcon() // its check has to wait for one that has begun
	assert.Equal(t, before+1, starts())
}

// A page's first event is not lost if a later one comes while the worker notes which documents the tab has left.
func TestAnEventIsNotOvertaken(t *testing.T) {
	b := harness.StartBrowser(t, harness.Setup{Own: true})
	b.InWorker(`{
		const area = chrome.storage.session;
		const get = area.get.bind(area);
		area.get = async (...keys) => {
			if (keys.length === 0) {
				area.get = get;
				await new Promise((release) => (globalThis.release = release));
			}
			return get(...keys);
		};
	}`)
	require.NoError(t, chromedp.Do(b.Ctx, chromedp.Navigate("https://"+harness.LoginHost+"/maintenance")))
	require.Eventually(t, func() bool { // WaitInWorker would ask the area, and be held itself
		held, err := chromedp.Run(b.Worker(), chromedp.Evaluate[bool](`"release" in globalThis`))
		return err == nil && held
	}, harness.Timeout, harness.Poll)
	b.InPage(`document.dispatchEvent(new CustomEvent("launchApp", {detail: '{"mode":"02"}'}))`)
	b.WaitForFlight()
	b.InWorker(`release()`)
	b.WaitForState("failed")
}
