//go:build linux && cgo

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/virtualcard"
	"etax-doctor/manifests"
)

// step is how often a condition is looked at.
const step = 10 * time.Millisecond

const myPage = "https://mypage.e-tax.nta.go.jp/UF_MYP/mypage"

func then(page string) string { return "/login/reception/loginIndividual?then=" + page }

func (b *browser) press() {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, chromedp.Click("#card")))
}

// counted is a host that leaves a line behind each time it is started.
func counted(t *testing.T) (m *manifests.Host, starts func() int) {
	t.Helper()
	dir := t.TempDir()
	script, log := filepath.Join(dir, "host.sh"), filepath.Join(dir, "starts")
	require.NoError(t, os.WriteFile(script, fmt.Appendf(nil, "#!/bin/sh\necho started >>%s\nexec %s \"$@\"\n", log, hostProgram), 0o755))
	h := manifests.ForHost(script)
	return &h, func() int {
		data, _ := os.ReadFile(log)
		return strings.Count(string(data), "\n")
	}
}

// From the press to my page: nothing is drawn, no host is started, and the card is left alone.
func TestAHealthyLoginIsNotDisturbed(t *testing.T) {
	card := insert(t, nil)
	host, starts := counted(t)
	b := startBrowser(t, setup{manifest: host, app: accepted, path: then(myPage)})
	b.press()
	b.waitForState("accepted")
	assert.Empty(t, b.banner())
	assert.Empty(t, b.badges())
	assert.Zero(t, starts())
	assert.Empty(t, card.Record())
}

// What was said and is not true any more goes away.
func TestABannerThatIsOverGoes(t *testing.T) {
	d := pcsctest.Start(t, readerName)
	b := startBrowser(t, setup{manifest: registered(), hasty: true})
	b.press()
	b.waitForBanner("置かれていません")
	d.Insert(t, 0, virtualcard.New(virtualcard.Healthy(time.Now())))
	require.Eventually(t, func() bool { return !strings.Contains(b.banner(), "置かれていません") }, patience, step)
}

// A login that begins while the card is being read: the host lets go of it, and looks again without it.
func TestALoginBeginsWhileTheCardIsRead(t *testing.T) {
	card := insert(t, func(p *virtualcard.Profile) { p.Delay = 300 * time.Millisecond })
	b := startBrowser(t, setup{manifest: registered()})
	worker := b.worker()
	require.NoError(t, chromedp.Do(worker, chromedp.Evaluate[chromedp.Void](`chrome.action.openPopup()`, chromedp.EvalAwaitPromise)))
	require.Eventually(t, func() bool { return len(card.Record()) > 0 }, patience, step)
	require.NoError(t, chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](`document.dispatchEvent(new CustomEvent("launchApp", {detail: '{"mode":"01","digest":"AAAA"}'}))`)))
	p := &popup{t: t, ctx: b.attach("page", "chrome-extension://"+extensionID+"/ui/popup.html")}
	p.waitForVerdict()
	assert.Equal(t, "unknown", p.station("card"))
	assert.Less(t, len(card.Record()), 5, "the card was read to its end")
	assert.Zero(t, card.Resets())
}

// Whatever form an answer has, the card is free after it.
func TestAnAnswerThatCannotBeRead(t *testing.T) {
	insert(t, nil)
	b := startBrowser(t, setup{manifest: registered()})
	b.press()
	b.waitForState("launched")
	require.NoError(t, chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](`document.dispatchEvent(new CustomEvent("recvMsg", {detail: {mode: "01", result: "0"}}))`)))
	b.waitForState("answered")
	assert.Equal(t, "ok", b.report("login").finding("card.ready"))
}

// What has come to the page counts when it is asked for, also where the page's own telling is late.
func TestATextIsSeenWhenItIsAskedFor(t *testing.T) {
	insert(t, nil)
	b := startBrowser(t, setup{manifest: registered(), path: "/number", late: true})
	require.NoError(t, chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](`document.body.append(Object.assign(document.createElement("p"), {textContent: "セッションタイムアウトが発生しました。"}))`)))
	assert.Equal(t, "session.timed-out", b.report("number").code())
}
