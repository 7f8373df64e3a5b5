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

	"etax-doctor/checks/pcsc/pcsctest"
	"etax-doctor/checks/virtualcard"
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

func TestStallsAndFailures(t *testing.T) {
	noApp := func(t *testing.T) {
		empty := t.TempDir()
		require.NoError(t, os.MkdirAll(filepath.Join(empty, "chromium"), 0o755))
		t.Setenv("XDG_CONFIG_HOME", empty)
	}
	expired := func(p *virtualcard.Profile) { p.Issuance.NotAfter = time.Now().AddDate(0, 0, -20) }
	for _, c := range []struct {
		name    string
		setup   setup
		card    func(*virtualcard.Profile)
		noCard  bool
		machine func(*testing.T)
		state   string
		spoken  string
		banner  string
	}{
		{"the app is not registered", setup{app: unregistered}, nil, false, noApp, "failed", "app.mynaportal-missing", "マイナポータルAP"},
		{"the app ends at once", setup{app: ends}, nil, false, nil, "failed", "symptom.app-no-answer", "EW044-C300"},
		{"the app refuses, the certificate has expired", setup{app: refused}, expired, false, nil, "failed", "certificate.expired", "有効期限"},
		{"the app refuses and the site goes to a page of its own", setup{app: refused, path: "/login?lost=/number"}, expired, false, nil, "failed", "certificate.expired", "有効期限"},
		{"the button is deaf and no bridge is there", setup{noBridge: true, path: "/login?deaf"}, nil, false, nil, "stalled", "extension.bridge-not-on-page", "拡張機能"},
		{"the card was taken off during the login", setup{}, nil, true, nil, "launched", "card.absent", "カード"},
		{"the PIN window is never answered", setup{}, nil, false, nil, "stalled", "symptom.freeze-before-pin", "まだ終わっていません"},
		{"a dialog asks for the card, which is there", setup{path: "/login?dialog"}, nil, false, nil, "stalled", "symptom.freeze-before-pin", "まだ終わっていません"},
		{"accepted, and no page comes: the certificate has expired", setup{app: accepted}, expired, false, nil, "stalled", "certificate.expired", "有効期限"},
		{"accepted, and the login page again: the certificate was issued today", setup{app: accepted, path: then("/login")},
			func(p *virtualcard.Profile) { p.Issuance.NotBefore = time.Now().Add(-time.Hour) }, false, nil, "failed", "certificate.renewed-today", "明日"},
		{"accepted, and the number is asked for", setup{app: accepted, path: then("/number")}, nil, false, nil, "failed", "account.number-not-linked", "利用者識別番号"},
		{"a page that says time-out", setup{path: "/timeout"}, nil, false, nil, "failed", "session.timed-out", "接続が切れました"},
		{"a page that says invalid access", setup{path: "/invalid"}, nil, false, nil, "failed", "session.invalid-access", "不正なアクセス"},
		{"a page that says maintenance", setup{path: "/maintenance"}, nil, false, nil, "failed", "session.maintenance", "メンテナンス"},
		{"a time-out, and the card is not there either", setup{path: "/timeout"}, nil, true, nil, "failed", "session.timed-out", "接続が切れました"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.machine != nil {
				c.machine(t)
			}
			card := insertUnless(t, c.noCard, c.card)
			c.setup.manifest, c.setup.hasty = registered(), true
			b := startBrowser(t, c.setup)
			if c.setup.path == "" || strings.HasPrefix(c.setup.path, "/login") {
				b.press()
			}
			b.waitForBanner(c.banner)
			b.waitForState(c.state)
			assert.Equal(t, c.spoken, b.attempt().Spoken[0])
			assert.Equal(t, "!", b.badges())
			b.screenshot("banner-" + c.spoken + "-ja")
			if card != nil && (c.state == "launched" || c.spoken == "symptom.freeze-before-pin") {
				assert.Empty(t, card.Record(), "the card was touched while the bridge worked")
			}
		})
	}
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
	assert.Equal(t, "unknown", p.node("card"))
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
