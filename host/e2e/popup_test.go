//go:build linux && cgo

package e2e

import (
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

func TestHealthy(t *testing.T) {
	card := harness.Insert(t, nil)
	p := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()}).PressIcon()
	p.Screenshot("healthy-ja")
	assert.Equal(t, "verdict.all-fine", p.Code())
	assert.Equal(t, "", p.Broken())
	for _, node := range []string{"card", "reader", "computer", "app", "extension", "page"} {
		assert.Equal(t, "ok", p.Station(node), node)
	}
	assert.Equal(t, "unchecked", p.Station("etax"), "what this version does not look at is not called fine")
	harness.RequireNoPINData(t, card)
}

func TestExpired(t *testing.T) {
	card := harness.Insert(t, func(p *virtualcard.Profile) { p.Issuance.NotAfter = time.Now().AddDate(0, 0, -20) })
	p := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()}).PressIcon()
	p.Screenshot("expired-ja")
	assert.Equal(t, "certificate.expired", p.Code())
	assert.Contains(t, p.Title(), "有効期限が切れています")
	assert.Equal(t, "certificate", p.Broken())
	harness.RequireNoPINData(t, card)
}

func TestExpiredInEnglish(t *testing.T) {
	harness.OnlyInFull(t)
	harness.Insert(t, func(p *virtualcard.Profile) { p.Issuance.NotAfter = time.Now().AddDate(0, 0, -20) })
	p := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Language: "en"}).PressIcon()
	p.Screenshot("expired-en")
	assert.Contains(t, p.Title(), "has expired")
}

// A person in a hurry finds other ways to file: one line in the popup, all of it on the page.
func TestOtherWaysToFile(t *testing.T) {
	harness.OnlyInFull(t)
	d := pcsctest.Start(t, harness.ReaderName)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	p := b.PressIcon()
	require.Equal(t, "card.absent", p.Code())
	assert.Equal(t, "false", p.Evaluate(`String(document.getElementById("ways").checkVisibility())`))
	page := p.Full(b)
	assert.Contains(t, page.Text("ways"), "スマートフォンでカードを読む")
	page.Screenshot("page-other-ways-ja")
	profile := virtualcard.Healthy(time.Now())
	expired(&profile)
	d.Insert(t, 0, virtualcard.New(profile))
	page.Do(`document.getElementById("again").click()`)
	page.Until("title", "有効期限が切れています")
	assert.NotContains(t, page.Text("ways"), "スマートフォン", "no phone reads an expired card")
	assert.Contains(t, page.Text("ways"), "紙で出す")
}

// A browser with a folder of its own (--user-data-dir) has its own registrations.
func TestAnAppInTheBrowsersOwnFolder(t *testing.T) {
	harness.OnlyInFull(t)
	harness.Insert(t, nil)
	sceneApp(t, "missing")
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	p := b.PressIcon()
	require.Equal(t, "app.mynaportal-missing", p.Code(), "the one of the test's bridge is not known")
	p.Do(`window.close()`)
	harness.Register(t, b.Folder, manifests.Host{Name: "jp.go.cao.mpa", Description: "MPA", Type: "stdio", Path: "/bin/true",
		AllowedOrigins: []string{"chrome-extension://fjjibalalngebiaophebgkkohaaggphf/"}})
	assert.Equal(t, "verdict.all-fine", b.PressIcon().Code())
}

// A clock that is ahead makes a good certificate look expired. The page's own Date shows it, and no request is sent for that.
func TestAClockThatIsAhead(t *testing.T) {
	harness.Insert(t, expired)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	b.Navigate("https://" + harness.LoginHost + "/login?behind=9000h")
	before := b.Site.Requests()
	p := b.PressIcon()
	assert.Equal(t, "system.clock-wrong", p.Code())
	p.Unfold()
	assert.Contains(t, p.Text("steps"), "set-ntp")
	assert.Equal(t, before, b.Site.Requests(), "no request is sent for it")
	p.Do(`window.close()`)
	b.Navigate("https://" + harness.LoginHost + "/login")
	assert.Equal(t, "certificate.expired", b.PressIcon().Code(), "the clock is right")
}

func TestNoCard(t *testing.T) {
	pcsctest.Start(t, harness.ReaderName)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	p := b.PressIcon()
	p.Screenshot("no-card-ja")
	assert.Equal(t, "card.absent", p.Code())
	assert.Equal(t, "card", p.Broken())
	assert.Equal(t, "ok", p.Station("reader"))
	assert.Equal(t, "skipped", p.Full(b).Finding("certificate.valid"), "a consequence is not a second fault")
}

func TestTheCardIsLeftAloneWhileALoginIsInFlight(t *testing.T) {
	card := harness.Insert(t, nil)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	b.Press()
	p := b.PressIcon()
	p.Screenshot("login-in-flight-ja")
	assert.Equal(t, "verdict.not-all-checked", p.Code())
	assert.Equal(t, "unknown", p.Station("card"))
	assert.Empty(t, card.Record(), "no APDU while a login is in flight")
}

func TestPressingAgainChecksAgain(t *testing.T) {
	d := pcsctest.Start(t, harness.ReaderName)
	p := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()}).PressIcon()
	require.Equal(t, "card.absent", p.Code())
	d.Insert(t, 0, virtualcard.New(virtualcard.Healthy(time.Now())))
	require.NoError(t, chromedp.Do(p.Ctx, chromedp.Click("#again")))
	p.WaitForVerdict()
	assert.Equal(t, "verdict.all-fine", p.Code())
}
