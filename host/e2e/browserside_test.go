//go:build linux && cgo

package e2e

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/virtualcard"
)

// seesExtensions is a profile in which the person has let the extension list the others.
var seesExtensions = []string{"management", "browsingData", "notifications"}

// report opens the full page in a tab, on the only e-Tax page or the one with this in its address.
func (b *browser) report(address string) *popup {
	b.t.Helper()
	tab, err := chromedp.Run(b.worker(), chromedp.Evaluate[int](`chrome.tabs.query({url: "https://*.e-tax.nta.go.jp/*"}).then((tabs) => tabs.find((tab) => tab.url.includes("`+address+`")).id)`, chromedp.EvalAwaitPromise))
	require.NoError(b.t, err)
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.t.Cleanup(cancel)
	require.NoError(b.t, chromedp.Do(ctx, chromedp.Navigate("chrome-extension://"+extensionID+"/ui/report.html?tab="+strconv.Itoa(tab))))
	p := &popup{t: b.t, ctx: ctx}
	p.waitForVerdict()
	return p
}

// repair presses the button of a repair and waits for the new verdict.
func (p *popup) repair(name string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	require.NoError(p.t, chromedp.Do(ctx,
		chromedp.Evaluate[chromedp.Void](`document.body.dataset.code = ""`),
		chromedp.Click(`#repairs [data-repair="`+name+`"]`)))
	p.waitForVerdict()
}

func (b *browser) inWorker(script string) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.worker(), chromedp.Evaluate[chromedp.Void](script, chromedp.EvalAwaitPromise)))
}

// open opens a page in a further tab.
func (b *browser) open(url string) {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.t.Cleanup(cancel)
	require.NoError(b.t, chromedp.Do(ctx, chromedp.Navigate(url), chromedp.WaitVisible(chromedp.CSS("body"))))
}

func TestABridgeThatIsOffIsSwitchedOn(t *testing.T) {
	insert(t, nil)
	b := startBrowser(t, setup{manifest: registered(), allow: seesExtensions})
	b.inWorker(`chrome.management.setEnabled("` + bridgeID + `", false)`)
	require.NoError(t, chromedp.Do(b.ctx, chromedp.Navigate(loginPage), chromedp.WaitVisible(chromedp.CSS("#card"))))
	p := b.report("login")
	p.screenshot("bridge-off-ja")
	require.Equal(t, "extension.bridge-disabled", p.code())
	p.repair("enable-bridge")
	assert.Equal(t, "verdict.all-fine", p.code())
}

func TestALoginOnTopOfALiveOne(t *testing.T) {
	insert(t, nil)
	b := startBrowser(t, setup{manifest: registered()})
	b.open(myPage)
	p := b.report("loginIndividual")
	p.screenshot("leftover-ja")
	assert.Equal(t, "browser.cookies-leftover", p.code())
	assert.Equal(t, "warning", p.finding("session.duplicate-tabs"))
	assert.NotContains(t, p.evaluate(`document.documentElement.outerHTML`), "PLANTED")
	kept, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`chrome.storage.session.get(null).then(JSON.stringify)`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	assert.NotContains(t, kept, "PLANTED")

	p.repair("clear-cookies")
	assert.Equal(t, "verdict.all-fine", p.code())
	tabs, err := chromedp.Run(b.worker(), chromedp.Evaluate[int](`chrome.tabs.query({url: "https://*.e-tax.nta.go.jp/*"}).then((tabs) => tabs.length)`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	assert.Equal(t, 1, tabs)
}

func TestTwoTabs(t *testing.T) {
	insert(t, nil)
	b := startBrowser(t, setup{manifest: registered()})
	b.open("https://login.e-tax.nta.go.jp/number")
	p := b.report("loginIndividual")
	p.screenshot("two-tabs-ja")
	require.Equal(t, "session.duplicate-tabs", p.code())
	p.repair("fresh-tab")
	assert.Equal(t, "verdict.all-fine", p.code())
}

func TestCookiesAreRemovedOneByOne(t *testing.T) {
	insert(t, nil)
	b := startBrowser(t, setup{manifest: registered()})
	b.open(myPage)
	p := b.report("loginIndividual")
	b.inWorker(`Promise.all([
		chrome.cookies.set({url: "https://login.e-tax.nta.go.jp/a", path: "/a", name: "deep", value: "x", secure: true}),
		chrome.cookies.set({url: "https://login.e-tax.nta.go.jp/", name: "parted", value: "x", secure: true, sameSite: "no_restriction", partitionKey: {topLevelSite: "https://nta.go.jp"}}),
	])`)
	b.site.forget()
	p.repair("clear-cookies")
	require.NoError(t, chromedp.Do(b.ctx, chromedp.Navigate("https://login.e-tax.nta.go.jp/a/number"), chromedp.WaitVisible(chromedp.CSS("body"))))
	for _, name := range []string{"deep", "parted"} {
		assert.False(t, b.site.sent(name), name)
	}
}

// hosts are the processes of our host program.
func hosts() (pids []int) {
	all, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, exe := range all {
		if program, err := os.Readlink(exe); err == nil && program == hostProgram {
			pid, _ := strconv.Atoi(strings.Split(exe, "/")[2])
			pids = append(pids, pid)
		}
	}
	return pids
}

func TestTheHostIsKilledInTheMiddle(t *testing.T) {
	insert(t, func(p *virtualcard.Profile) { p.Delay = 300 * time.Millisecond })
	b := startBrowser(t, setup{manifest: registered()})
	b.inWorker(`chrome.action.openPopup()`)
	require.Eventually(t, func() bool { return len(hosts()) > 0 }, patience, step)
	require.NoError(t, syscall.Kill(hosts()[0], syscall.SIGKILL))
	p := &popup{t: t, ctx: b.attach("page", "chrome-extension://"+extensionID+"/ui/popup.html")}
	p.waitForVerdict()
	assert.Equal(t, "host.exited", p.code())
}

// The worker may be stopped at any moment: in each state, and while it finds out.
func TestTheWorkerIsKilled(t *testing.T) {
	expired := func(p *virtualcard.Profile) { p.Issuance.NotAfter = time.Now().AddDate(0, 0, -20) }
	slow := func(p *virtualcard.Profile) { expired(p); p.Delay = 100 * time.Millisecond }
	for _, c := range []struct {
		state  string // in which it is killed
		setup  setup
		card   func(*virtualcard.Profile)
		noCard bool
		banner string
	}{
		{"idle", setup{app: refused}, expired, false, "有効期限"},
		{"pressed", setup{noBridge: true, path: "/login?deaf"}, nil, false, "拡張機能"},
		{"launched", setup{}, nil, true, "カード"},
		{"answered", setup{app: accepted}, expired, false, "有効期限"},
		{"failed", setup{app: refused}, slow, false, "有効期限"},
	} {
		t.Run(c.state, func(t *testing.T) {
			card := insertUnless(t, c.noCard, c.card)
			c.setup.manifest, c.setup.hasty = registered(), true
			b := startBrowser(t, c.setup)
			if c.state != "idle" {
				b.press()
			}
			b.waitForState(c.state)
			if c.state == "failed" {
				require.Eventually(t, func() bool { return len(card.Record()) > 0 }, patience, step, "it does not find out")
			}
			b.stopWorker()
			if c.state == "idle" {
				b.press()
			}
			b.waitForBanner(c.banner)
			require.Eventually(t, func() bool { return len(hosts()) == 0 }, patience, step, "a host is left running")
		})
	}
}

func TestTheBannerWaitsForTypingToEndAndSpeaksOnce(t *testing.T) {
	pcsctest.Start(t, readerName)
	b := startBrowser(t, setup{manifest: registered(), hasty: true})
	require.NoError(t, chromedp.Do(b.ctx, chromedp.Click("#oStUserId")))
	// The page asks the bridge by itself, while the person types.
	require.NoError(t, chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](`document.dispatchEvent(new CustomEvent("launchApp", {detail: '{"mode":"01","digest":"AAAA"}'}))`)))
	require.Eventually(t, func() bool { return len(b.attempt().Announced) > 0 }, patience, step)
	assert.Empty(t, b.banner(), "somebody is typing")
	require.NoError(t, chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](`document.getElementById("oStPassword").focus(); new Promise((done) => setTimeout(() => setTimeout(done, 0), 0))`, chromedp.EvalAwaitPromise)))
	assert.Empty(t, b.banner(), "somebody goes on typing")
	require.NoError(t, chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](`document.activeElement.blur()`)))
	b.waitForBanner("カード")
	b.waitForState("stalled")
	assert.Equal(t, 1, strings.Count(strings.Join(b.attempt().Announced, " "), "card.absent"))
}

func TestTheBannerLeavesThePageAlone(t *testing.T) {
	pcsctest.Start(t, readerName)
	b := startBrowser(t, setup{manifest: registered(), hasty: true})
	body := func() string {
		html, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.outerHTML + JSON.stringify(document.getElementById("card").getBoundingClientRect())`))
		require.NoError(t, err)
		return html
	}
	before := body()
	b.press()
	b.waitForBanner("カード")
	assert.Equal(t, before, body())
	inside, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`[...document.documentElement.children].find((e) => e.lang && e.tagName === "DIV").shadowRoot === null`))
	require.NoError(t, err)
	assert.True(t, inside, "the page sees into the banner")
	b.clickBanner("more")
	p := &popup{t: t, ctx: b.attach("page", "chrome-extension://"+extensionID+"/ui/popup.html")}
	p.waitForVerdict()
	assert.Equal(t, "card.absent", p.code())
	b.clickBanner("close")
	require.Eventually(t, func() bool { return b.banner() == "" }, patience, step)
}

// What Chromium asks before it installs the extension, against what was agreed.
func TestInstallWarnings(t *testing.T) {
	b := startBrowser(t, setup{allow: seesExtensions, language: "en"})
	manifest, err := os.ReadFile("../../extension/manifest.json")
	require.NoError(t, err)
	quoted, err := json.Marshal(string(manifest))
	require.NoError(t, err)
	warnings, err := chromedp.Run(b.worker(), chromedp.Evaluate[[]string](`chrome.management.getPermissionWarningsByManifest(`+string(quoted)+`)`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	data, err := os.ReadFile("../../testdata/warnings.json")
	require.NoError(t, err)
	var agreed []string
	require.NoError(t, json.Unmarshal(data, &agreed))
	assert.ElementsMatch(t, agreed, warnings)
}

// Every text that the page may show in an attempt, from the table.
func TestTextsOfThePage(t *testing.T) {
	var words struct {
		Texts []struct {
			Text, Code          string
			Always, AfterAnswer bool
		}
	}
	page, err := os.ReadFile("../../checks/symptom/page.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(page, &words))
	insert(t, nil)
	waits, answers := startBrowser(t, setup{manifest: registered()}), startBrowser(t, setup{manifest: registered(), app: accepted})
	for _, w := range words.Texts {
		if w.Always { // these have scenes of their own
			continue
		}
		t.Run(w.Text, func(t *testing.T) {
			b, late := waits, ""
			if w.AfterAnswer {
				b, late = answers, "&late"
			}
			require.NoError(t, chromedp.Do(b.ctx, chromedp.Navigate("https://"+loginHost+"/login?show="+url.QueryEscape(w.Text)+late), chromedp.WaitVisible(chromedp.CSS("#card"))))
			b.waitUntilWatched()
			b.press()
			require.Eventually(t, func() bool {
				seen := b.attempt().Seen
				return len(seen) > 0 && seen[0].Code == w.Code
			}, patience, step, "%s: %+v", w.Code, b.attempt())
		})
	}
}

func TestTheHintForWindowsWithoutTheIcon(t *testing.T) {
	b := startBrowser(t, setup{manifest: registered()})
	hidden := func(p *popup) string { return p.evaluate(`String(document.getElementById("incognito-hint").hidden)`) }
	assert.Equal(t, "false", hidden(b.pressIcon()))
	b.allowIncognito()
	assert.Equal(t, "true", hidden(b.reportOnIncognitoTab()))
}

// The repairs that open something or clear all, asked for as the popup does.
func TestOtherRepairs(t *testing.T) {
	insert(t, nil)
	b := startBrowser(t, setup{manifest: registered(), allow: seesExtensions})
	p := b.report("loginIndividual")
	repair := func(name string) {
		ctx, cancel := context.WithTimeout(p.ctx, patience)
		defer cancel()
		done, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`chrome.runtime.sendMessage({type: "repair", name: "`+name+`", tabId: Number(new URLSearchParams(location.search).get("tab"))}).then((tab) => tab !== null)`, chromedp.EvalAwaitPromise))
		require.NoError(t, err)
		assert.True(t, done, name)
	}
	for name, url := range map[string]string{"browser-settings": "chrome://extensions/", "cookie-settings": "chrome://settings/content/siteDetails", "normal-window": loginPage} {
		repair(name)
		require.Eventually(t, func() bool {
			targets, err := chromedp.Targets(b.ctx)
			n := 0
			for _, x := range targets {
				if x.Type == "page" && strings.HasPrefix(x.URL, url) {
					n++
				}
			}
			return err == nil && (n > 1 || (n == 1 && url != loginPage))
		}, patience, step, name)
	}
	repair("clear-site-data")
	tabs, err := chromedp.Run(p.ctx, chromedp.Evaluate[int](`chrome.tabs.query({url: "https://*.e-tax.nta.go.jp/*"}).then((tabs) => tabs.length)`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	assert.Equal(t, 1, tabs, "the other e-Tax tabs are closed")
	unknown, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`chrome.runtime.sendMessage({type: "repair", name: "toString", tabId: 1}).then((tab) => tab === null)`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	assert.True(t, unknown)
}
