//go:build linux && cgo

package e2e

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/pcsc/pcsctest"
	"etax-doctor/checks/virtualcard"
	"etax-doctor/manifests"
)

const readerName = "SONY FeliCa RC-S300/P (1234567)"

// insert starts pcscd with one reader and puts a card on it, healthy but for what change does to it.
func insert(t *testing.T, change func(*virtualcard.Profile)) *virtualcard.Card {
	t.Helper()
	d := pcsctest.Start(t, readerName)
	profile := virtualcard.Healthy(time.Now())
	if change != nil {
		change(&profile)
	}
	card := virtualcard.New(profile)
	d.Insert(t, 0, card)
	return card
}

// insertUnless is insert, or only the reader: then the card is nil.
func insertUnless(t *testing.T, noCard bool, change func(*virtualcard.Profile)) *virtualcard.Card {
	t.Helper()
	if noCard {
		pcsctest.Start(t, readerName)
		return nil
	}
	return insert(t, change)
}

func requireNoPINData(t *testing.T, card *virtualcard.Card) {
	t.Helper()
	require.NotEmpty(t, card.Record())
	for _, cmd := range card.Record() {
		if len(cmd) > 1 && cmd[1] == 0x20 {
			require.Len(t, cmd, 4, "a VERIFY with data: % X", cmd)
		}
	}
}

func TestHealthy(t *testing.T) {
	card := insert(t, nil)
	p := startBrowser(t, setup{manifest: registered()}).pressIcon()
	p.screenshot("healthy-ja")
	assert.Equal(t, "verdict.all-fine", p.code())
	assert.Equal(t, "", p.broken())
	for _, node := range []string{"card", "reader", "computer", "app", "extension", "page"} {
		assert.Equal(t, "ok", p.node(node), node)
	}
	assert.Equal(t, "unchecked", p.node("etax"), "what this version does not look at is not called fine")
	requireNoPINData(t, card)
}

func TestExpired(t *testing.T) {
	card := insert(t, func(p *virtualcard.Profile) { p.Issuance.NotAfter = time.Now().AddDate(0, 0, -20) })
	p := startBrowser(t, setup{manifest: registered()}).pressIcon()
	p.screenshot("expired-ja")
	assert.Equal(t, "certificate.expired", p.code())
	assert.Contains(t, p.title(), "有効期限が切れています")
	assert.Equal(t, "card", p.broken())
	requireNoPINData(t, card)
}

func TestExpiredInEnglish(t *testing.T) {
	insert(t, func(p *virtualcard.Profile) { p.Issuance.NotAfter = time.Now().AddDate(0, 0, -20) })
	p := startBrowser(t, setup{manifest: registered(), language: "en"}).pressIcon()
	p.screenshot("expired-en")
	assert.Contains(t, p.title(), "has expired")
}

func TestNoCard(t *testing.T) {
	pcsctest.Start(t, readerName)
	b := startBrowser(t, setup{manifest: registered()})
	p := b.pressIcon()
	p.screenshot("no-card-ja")
	assert.Equal(t, "card.absent", p.code())
	assert.Equal(t, "card", p.broken())
	assert.Equal(t, "ok", p.node("reader"))
	assert.Equal(t, "skipped", p.full(b).finding("certificate.valid"), "a consequence is not a second fault")
}

func TestNoHost(t *testing.T) {
	p := startBrowser(t, setup{}).pressIcon()
	p.screenshot("no-host-ja")
	assert.Equal(t, "host.not-found", p.code())
	assert.Equal(t, "skipped", p.node("card"))
}

func TestBridgeNotOnThePage(t *testing.T) {
	insert(t, nil)
	p := startBrowser(t, setup{manifest: registered(), noBridge: true}).pressIcon()
	p.screenshot("no-bridge-ja")
	assert.Equal(t, "extension.bridge-not-on-page", p.code())
	assert.Equal(t, "extension", p.broken())
}

func TestTheCardIsLeftAloneWhileALoginIsInFlight(t *testing.T) {
	card := insert(t, nil)
	b := startBrowser(t, setup{manifest: registered()})
	require.NoError(t, chromedp.Do(b.ctx, chromedp.Click("#card")))
	p := b.pressIcon()
	p.screenshot("login-in-flight-ja")
	assert.Equal(t, "verdict.not-all-checked", p.code())
	assert.Equal(t, "unknown", p.node("card"))
	assert.Empty(t, card.Record(), "no APDU while a login is in flight")
}

func TestIncognito(t *testing.T) {
	insert(t, nil)
	b := startBrowser(t, setup{manifest: registered()})
	b.allowIncognito()
	p := b.reportOnIncognitoTab()
	p.screenshot("incognito-ja")
	assert.Equal(t, "browser.incognito", p.code())
	assert.Equal(t, "page", p.broken())
	assert.Equal(t, "ok", p.node("card"))
}

func TestNoBridgeApp(t *testing.T) {
	insert(t, nil)
	empty := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(empty, "chromium"), 0o755))
	t.Setenv("XDG_CONFIG_HOME", empty)
	p := startBrowser(t, setup{manifest: registered()}).pressIcon()
	p.screenshot("no-app-ja")
	assert.Equal(t, "app.mynaportal-missing", p.code())
	assert.Equal(t, "app", p.broken())
}

func TestPressingAgainChecksAgain(t *testing.T) {
	d := pcsctest.Start(t, readerName)
	p := startBrowser(t, setup{manifest: registered()}).pressIcon()
	require.Equal(t, "card.absent", p.code())
	d.Insert(t, 0, virtualcard.New(virtualcard.Healthy(time.Now())))
	require.NoError(t, chromedp.Do(p.ctx, chromedp.Click("#again")))
	p.waitForVerdict()
	assert.Equal(t, "verdict.all-fine", p.code())
}

// Chrome's own words for a host that cannot be used, from the real browser.
func TestBrokenHosts(t *testing.T) {
	script := func(text string) *manifests.Host {
		path := filepath.Join(t.TempDir(), "host.sh")
		require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755))
		m := manifests.ForHost(path)
		return &m
	}
	forbidden := registered()
	forbidden.AllowedOrigins = []string{"chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/"}
	for _, c := range []struct {
		want     string
		manifest *manifests.Host
	}{
		{"host.forbidden", forbidden},
		{"host.exited", script("exit 1\n")},
		{"host.garbled", script("echo Starting host...\n")},
		{"host.silent", script("cat >/dev/null\n")},
	} {
		t.Run(c.want, func(t *testing.T) {
			p := startBrowser(t, setup{manifest: c.manifest}).pressIcon()
			p.screenshot(c.want + "-ja")
			assert.Equal(t, c.want, p.code())
		})
	}
}
