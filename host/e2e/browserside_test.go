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
	"etax-doctor/host/e2e/harness"
)

// managementPermissions are the optional permissions, with which our extension can list the other extensions.
var managementPermissions = []string{"management", "browsingData", "notifications"}

func TestABridgeThatIsOffIsSwitchedOn(t *testing.T) {
	harness.Insert(t, nil)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Allow: managementPermissions, Own: true})
	b.InWorker(`chrome.management.setEnabled("` + harness.BridgeID + `", false)`)
	require.NoError(t, chromedp.Do(b.Ctx, chromedp.Navigate(harness.LoginPage), chromedp.WaitVisible(chromedp.CSS("#card"))))
	p := b.Report("login")
	p.Screenshot("bridge-off-ja")
	require.Equal(t, "extension.bridge-disabled", p.Code())
	p.Repair("enable-bridge")
	assert.Equal(t, "verdict.all-fine", p.Code())
}

func TestALoginOnTopOfALiveOne(t *testing.T) {
	harness.Insert(t, nil)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	b.Open(myPage)
	p := b.Report("loginIndividual")
	p.Screenshot("leftover-ja")
	assert.Equal(t, "browser.cookies-leftover", p.Code())
	assert.Equal(t, "warning", p.Finding("session.duplicate-tabs"))
	assert.NotContains(t, p.Evaluate(`document.documentElement.outerHTML`), "PLANTED")
	kept, err := chromedp.Run(p.Ctx, chromedp.Evaluate[string](`chrome.storage.session.get(null).then(JSON.stringify)`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	assert.NotContains(t, kept, "PLANTED")

	p.Repair("clear-cookies")
	assert.Equal(t, "verdict.all-fine", p.Code())
	tabs, err := chromedp.Run(b.Worker(), chromedp.Evaluate[int](`chrome.tabs.query({url: "https://*.e-tax.nta.go.jp/*"}).then((tabs) => tabs.length)`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	assert.Equal(t, 1, tabs)
}

func TestTwoTabs(t *testing.T) {
	harness.Insert(t, nil)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	b.Open("https://login.e-tax.nta.go.jp/number")
	p := b.Report("loginIndividual")
	p.Screenshot("two-tabs-ja")
	require.Equal(t, "session.duplicate-tabs", p.Code())
	p.Repair("fresh-tab")
	assert.Equal(t, "verdict.all-fine", p.Code())
}

// Checks that run at the same time, of several e-Tax windows, do not take each other's trial cookie for a blocked one.
func TestChecksAtTheSameTimeFindCookiesWorking(t *testing.T) {
	harness.OnlyInFull(t)
	b := harness.StartBrowser(t, harness.Setup{})
	for range 3 {
		b.Open(harness.LoginPage)
	}
	// With one name for all, a few of these thousands fail.
	blocked, err := chromedp.Run(b.Worker(), chromedp.Evaluate[int](`(async () => {
		const tabs = await chrome.tabs.query({url: "https://*.e-tax.nta.go.jp/*"});
		const asked = tabs.flatMap(({id}) => Array.from({length: 1000}, () => chrome.tabs.sendMessage(id, {type: "page-facts", whole: true})));
		return (await Promise.all(asked)).filter((facts) => !facts.cookiesEnabled).length;
	})()`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	assert.Zero(t, blocked)
	names, err := chromedp.Run(b.Worker(), chromedp.Evaluate[[]string](`chrome.cookies.getAll({}).then((all) => all.map((cookie) => cookie.name))`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	assert.Equal(t, []string{"PLANTED-NAME"}, names, "nothing is left of it")
}

func TestCookiesAreRemovedOneByOne(t *testing.T) {
	harness.Insert(t, nil)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	b.Open(myPage)
	p := b.Report("loginIndividual")
	b.InWorker(`Promise.all([
		chrome.cookies.set({url: "https://login.e-tax.nta.go.jp/a", path: "/a", name: "deep", value: "x", secure: true}),
		chrome.cookies.set({url: "https://login.e-tax.nta.go.jp/", name: "parted", value: "x", secure: true, sameSite: "no_restriction", partitionKey: {topLevelSite: "https://nta.go.jp"}}),
	])`)
	b.Site.Forget()
	p.Repair("clear-cookies")
	require.NoError(t, chromedp.Do(b.Ctx, chromedp.Navigate("https://login.e-tax.nta.go.jp/a/number"), chromedp.WaitVisible(chromedp.CSS("body"))))
	for _, name := range []string{"deep", "parted"} {
		assert.False(t, b.Site.Sent(name), name)
	}
}

// hostPIDs returns the ids of the processes of our host program.
func hostPIDs() (pids []int) {
	all, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, exe := range all {
		if program, err := os.Readlink(exe); err == nil && program == harness.HostProgram {
			pid, _ := strconv.Atoi(strings.Split(exe, "/")[2])
			pids = append(pids, pid)
		}
	}
	return pids
}

func TestTheHostIsKilledInTheMiddle(t *testing.T) {
	harness.Insert(t, func(p *virtualcard.Profile) { p.Delay = 300 * time.Millisecond })
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	b.InWorker(`chrome.action.openPopup()`)
	require.Eventually(t, func() bool { return len(hostPIDs()) > 0 }, harness.Timeout, harness.Poll)
	require.NoError(t, syscall.Kill(hostPIDs()[0], syscall.SIGKILL))
	p := &harness.Popup{T: t, Ctx: b.Attach("page", "chrome-extension://"+harness.ExtensionID+"/ui/popup.html")}
	p.WaitForVerdict()
	assert.Equal(t, "host.exited", p.Code())
}

// The browser may stop the worker at any moment: in each state of a login, and while the worker looks for the cause. With -short, only
// where the bridge or our host may be at the card.
func TestTheWorkerIsKilled(t *testing.T) {
	expired := func(p *virtualcard.Profile) { p.Issuance.NotAfter = time.Now().AddDate(0, 0, -20) }
	slow := func(p *virtualcard.Profile) { expired(p); p.Delay = 100 * time.Millisecond }
	for _, c := range []struct {
		state  string // in which it is killed
		setup  harness.Setup
		card   func(*virtualcard.Profile)
		noCard bool
		banner string
	}{
		{"idle", harness.Setup{App: harness.Refused}, expired, false, "有効期限"},
		{"pressed", harness.Setup{NoBridge: true, Path: "/login?deaf", Deadlines: harness.Deadlines{Launch: 3000}}, nil, false, "拡張機能"},
		{"launched", harness.Setup{Deadlines: harness.Deadlines{Looks: []int{3000, harness.Never}}}, nil, true, "カード"},
		{"answered", harness.Setup{App: harness.Accepted, Deadlines: harness.Deadlines{NextPage: 3000}}, expired, false, "有効期限"},
		{"failed", harness.Setup{App: harness.Refused}, slow, false, "有効期限"},
	} {
		t.Run(c.state, func(t *testing.T) {
			if c.state != "launched" && c.state != "failed" {
				harness.OnlyInFull(t)
			}
			card := harness.InsertUnless(t, c.noCard, c.card)
			c.setup.Manifest = harness.Registered()
			b := harness.StartBrowser(t, c.setup)
			if c.state != "idle" {
				b.Follow()
				b.Press()
			}
			b.WaitForState(c.state)
			if c.state == "failed" {
				require.Eventually(t, func() bool { return len(card.Record()) > 0 }, harness.Timeout, harness.Poll, "it does not find out")
			}
			b.StopWorker()
			if c.state == "idle" {
				b.Press()
			}
			b.WaitForBanner(c.banner)
			require.Eventually(t, func() bool { return len(hostPIDs()) == 0 }, harness.Timeout, harness.Poll, "a host is left running")
		})
	}
}

func TestTheBannerWaitsForTypingToEndAndSpeaksOnce(t *testing.T) {
	pcsctest.Start(t, harness.ReaderName)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Deadlines: harness.Soon})
	require.NoError(t, chromedp.Do(b.Ctx, chromedp.Click("#oStUserId")))
	// The page asks the bridge by itself, while the person types.
	require.NoError(t, chromedp.Do(b.Ctx, chromedp.Evaluate[chromedp.Void](`document.dispatchEvent(new CustomEvent("launchApp", {detail: '{"mode":"01","digest":"AAAA"}'}))`)))
	require.Eventually(t, func() bool { return len(b.Attempt().Announced) > 0 }, harness.Timeout, harness.Poll)
	assert.Empty(t, b.Banner(), "somebody is typing")
	require.NoError(t, chromedp.Do(b.Ctx, chromedp.Evaluate[chromedp.Void](`document.getElementById("oStPassword").focus(); new Promise((done) => setTimeout(() => setTimeout(done, 0), 0))`, chromedp.EvalAwaitPromise)))
	assert.Empty(t, b.Banner(), "somebody goes on typing")
	require.NoError(t, chromedp.Do(b.Ctx, chromedp.Evaluate[chromedp.Void](`document.activeElement.blur()`)))
	b.WaitForBanner("カード")
	b.WaitForState("stalled")
	assert.Equal(t, 1, strings.Count(strings.Join(b.Attempt().Announced, " "), "card.absent"))
}

func TestTheBannerLeavesThePageAlone(t *testing.T) {
	pcsctest.Start(t, harness.ReaderName)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Deadlines: harness.Soon})
	body := func() string {
		html, err := chromedp.Run(b.Ctx, chromedp.Evaluate[string](`document.body.outerHTML + JSON.stringify(document.getElementById("card").getBoundingClientRect())`))
		require.NoError(t, err)
		return html
	}
	before := body()
	b.Press()
	b.WaitForBanner("カード")
	assert.Equal(t, before, body())
	inside, err := chromedp.Run(b.Ctx, chromedp.Evaluate[bool](`[...document.documentElement.children].find((e) => e.lang && e.tagName === "DIV").shadowRoot === null`))
	require.NoError(t, err)
	assert.True(t, inside, "the page sees into the banner")
	b.ClickBanner("more")
	p := &harness.Popup{T: t, Ctx: b.Attach("page", "chrome-extension://"+harness.ExtensionID+"/ui/popup.html")}
	p.WaitForVerdict()
	assert.Equal(t, "card.absent", p.Code())
	b.ClickBanner("close")
	require.Eventually(t, func() bool { return b.Banner() == "" }, harness.Timeout, harness.Poll)
}

// The warnings that Chromium shows before it installs the extension are the agreed ones.
func TestInstallWarnings(t *testing.T) {
	b := harness.StartBrowser(t, harness.Setup{Allow: managementPermissions, Language: "en"})
	manifest, err := os.ReadFile("../../extension/manifest.json")
	require.NoError(t, err)
	quoted, err := json.Marshal(string(manifest))
	require.NoError(t, err)
	warnings, err := chromedp.Run(b.Worker(), chromedp.Evaluate[[]string](`chrome.management.getPermissionWarningsByManifest(`+string(quoted)+`)`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	data, err := os.ReadFile("../../testdata/warnings.json")
	require.NoError(t, err)
	var agreed []string
	require.NoError(t, json.Unmarshal(data, &agreed))
	assert.ElementsMatch(t, agreed, warnings)
}

// Each text of the table is recognised when the page shows it during a login attempt.
func TestTextsOfThePage(t *testing.T) {
	harness.OnlyInFull(t)
	var words struct {
		Texts []struct{ Text, Code, When string }
	}
	page, err := os.ReadFile("../../checks/symptom/page.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(page, &words))
	harness.Insert(t, nil)
	waits, answers := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()}), harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), App: harness.Accepted})
	for _, w := range words.Texts {
		if w.When != "" && w.When != "answer" { // these have scenes of their own
			continue
		}
		t.Run(w.Text, func(t *testing.T) {
			b, late := waits, ""
			if w.When == "answer" {
				b, late = answers, "&late"
			}
			require.NoError(t, chromedp.Do(b.Ctx, chromedp.Navigate("https://"+harness.LoginHost+"/login?show="+url.QueryEscape(w.Text)+late), chromedp.WaitVisible(chromedp.CSS("#card"))))
			b.WaitUntilWatched()
			b.Press()
			b.WaitUntil(func() bool {
				seen := b.Attempt().Seen
				return len(seen) > 0 && seen[0].Code == w.Code
			}, "no "+w.Code)
		})
	}
}

func TestTheHintForWindowsWithoutTheIcon(t *testing.T) {
	harness.OnlyInFull(t)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Own: true})
	hidden := func(p *harness.Popup) string {
		return p.Evaluate(`String(document.getElementById("incognito-hint").hidden)`)
	}
	assert.Equal(t, "false", hidden(b.PressIcon().Full(b)))
	b.AllowIncognito()
	assert.Equal(t, "true", hidden(b.ReportOnIncognitoTab().Full(b)))
}

// The repairs that open something or clear all site data, requested in the same way as by the popup.
func TestOtherRepairs(t *testing.T) {
	harness.Insert(t, nil)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Allow: managementPermissions})
	p := b.Report("loginIndividual")
	repair := func(name string) {
		ctx, cancel := context.WithTimeout(p.Ctx, harness.Timeout)
		defer cancel()
		done, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`chrome.runtime.sendMessage({type: "repair", name: "`+name+`", tabId: Number(new URLSearchParams(location.search).get("tab"))}).then((tab) => tab !== null)`, chromedp.EvalAwaitPromise))
		require.NoError(t, err)
		assert.True(t, done, name)
	}
	for name, url := range map[string]string{"browser-settings": "chrome://extensions/", "cookie-settings": "chrome://settings/content/siteDetails", "normal-window": harness.LoginPage} {
		repair(name)
		require.Eventually(t, func() bool {
			targets, err := chromedp.Targets(b.Ctx)
			n := 0
			for _, x := range targets {
				if x.Type == "page" && strings.HasPrefix(x.URL, url) {
					n++
				}
			}
			return err == nil && (n > 1 || (n == 1 && url != harness.LoginPage))
		}, harness.Timeout, harness.Poll, name)
	}
	repair("clear-site-data")
	tabs, err := chromedp.Run(p.Ctx, chromedp.Evaluate[int](`chrome.tabs.query({url: "https://*.e-tax.nta.go.jp/*"}).then((tabs) => tabs.length)`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	assert.Equal(t, 1, tabs, "the other e-Tax tabs are closed")
	unknown, err := chromedp.Run(p.Ctx, chromedp.Evaluate[bool](`chrome.runtime.sendMessage({type: "repair", name: "toString", tabId: 1}).then((tab) => tab === null)`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	assert.True(t, unknown)
}
