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
		assert.Equal(t, "ok", p.station(node), node)
	}
	assert.Equal(t, "unchecked", p.station("etax"), "what this version does not look at is not called fine")
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
	assert.Equal(t, "ok", p.station("reader"))
	assert.Equal(t, "skipped", p.full(b).finding("certificate.valid"), "a consequence is not a second fault")
}

func TestTheCardIsLeftAloneWhileALoginIsInFlight(t *testing.T) {
	card := insert(t, nil)
	b := startBrowser(t, setup{manifest: registered()})
	require.NoError(t, chromedp.Do(b.ctx, chromedp.Click("#card")))
	p := b.pressIcon()
	p.screenshot("login-in-flight-ja")
	assert.Equal(t, "verdict.not-all-checked", p.code())
	assert.Equal(t, "unknown", p.station("card"))
	assert.Empty(t, card.Record(), "no APDU while a login is in flight")
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
