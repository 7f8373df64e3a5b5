//go:build linux && cgo

package e2e

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/virtualcard"
	"etax-doctor/host/e2e/harness"
)

const portal = "https://myna.go.jp/"

// open opens a page that the extension may not look at: there is no answer to wait for.
func open(b *harness.Browser, address string) {
	b.T.Helper()
	require.NoError(b.T, chromedp.Do(b.Ctx, chromedp.Navigate(address), chromedp.WaitVisible(chromedp.CSS("body"))))
}

// attempts is how many tabs the worker keeps an attempt of.
func attempts(b *harness.Browser) int {
	b.T.Helper()
	n, err := chromedp.Run(b.Worker(), chromedp.Evaluate[int](`chrome.storage.session.get().then((kept) => Object.keys(kept).filter((key) => key.startsWith("attempt:")).length)`, chromedp.EvalAwaitPromise))
	require.NoError(b.T, err)
	return n
}

func forget(b *harness.Browser) { b.InWorker(`chrome.storage.session.clear()`) }

// urls are the addresses of the open tabs that the extension may see.
func urls(b *harness.Browser) string {
	b.T.Helper()
	all, err := chromedp.Run(b.Worker(), chromedp.Evaluate[string](`chrome.tabs.query({url: "https://*/*"}).then((tabs) => tabs.map((tab) => tab.url).sort().join(" "))`, chromedp.EvalAwaitPromise))
	require.NoError(b.T, err)
	return all
}

// Without the permission, マイナポータル is another page, and our icon offers to ask for it there.
func TestThePortalIsNotLookedAtUnasked(t *testing.T) {
	harness.Insert(t, nil)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	forget(b)
	open(b, portal)
	b.Press()
	p := b.PressIcon()
	assert.Equal(t, "verdict.not-all-checked", p.Code())
	assert.Contains(t, p.Text("repairs"), "マイナポータルのページでも調べる")
	assert.Zero(t, attempts(b), "the press was not seen")
	assert.Empty(t, urls(b))
}

// With it, the same check runs there.
func TestThePortalIsLookedAtWhenAllowed(t *testing.T) {
	harness.Insert(t, nil)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Portal: true, App: harness.Ends})
	open(b, portal)
	p := b.PressIcon()
	assert.Equal(t, "verdict.all-fine", p.Code())
	require.NoError(t, chromedp.Do(p.Ctx, chromedp.Evaluate[chromedp.Void](`window.close()`)))
	b.Press()
	b.WaitForBanner("EW044-C300")
}

// The script reaches the pages that are open already.
func TestThePortalIsLookedAtAtOnce(t *testing.T) {
	harness.OnlyInFull(t)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Portal: true, Own: true})
	b.InWorker(`chrome.scripting.unregisterContentScripts()`)
	forget(b)
	open(b, portal)
	b.PressIcon().Do(`chrome.runtime.sendMessage({type: "repair", name: "allow-portal", tabId: 1})`)
	require.Eventually(t, func() bool { return attempts(b) == 1 }, harness.Timeout, harness.Poll)
}

// A page that frames e-Tax is none of ours: its frame's login counts only as one that nobody may disturb.
func TestAFramedLoginOfAForeignPage(t *testing.T) {
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	address := "https://" + harness.ForeignHost + "/frames?foreign=" + url.QueryEscape(harness.FormsPage+"csw0100_myno_ic?text=maintenance")
	forget(b)
	open(b, address)
	b.WaitForFlight()
	assert.Zero(t, attempts(b))
	assert.Empty(t, b.Banner())
}

// No repair leaves, reloads or closes a page of 作成コーナー: it may hold a half filled-in return.
func TestRepairsLeaveTheForms(t *testing.T) {
	harness.Insert(t, nil)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Allow: managementPermissions})
	form := "https://" + harness.FormsHost + "/r8/syotoku/form"
	b.Navigate(form)
	typed := `document.getElementById("payer").value`
	b.InPage(typed + ` = "途中"`)
	start := harness.FormsPage + "top"
	for name, want := range map[string][]string{
		"fresh-tab":       {start, form},
		"reload-page":     {start, form},
		"clear-cookies":   {start, form},
		"clear-site-data": {start, form},
	} {
		b.Open(harness.LoginPage)
		p := b.Report("/form")
		ctx, cancel := context.WithTimeout(p.Ctx, harness.Timeout)
		done, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`chrome.runtime.sendMessage({type: "repair", name: "`+name+`", tabId: Number(new URLSearchParams(location.search).get("tab"))}).then((tab) => typeof tab === "number")`, chromedp.EvalAwaitPromise))
		cancel()
		require.NoError(t, err)
		require.True(t, done, name)
		if name == "reload-page" {
			want = append([]string{harness.LoginPage}, want...) // it closes nothing
		}
		assert.Equal(t, strings.Join(want, " "), urls(b), name)
		kept, err := chromedp.Run(b.Ctx, chromedp.Evaluate[string](typed))
		require.NoError(t, err)
		assert.Equal(t, "途中", kept, name)
		b.InWorker(`chrome.tabs.query({url: ["https://*.e-tax.nta.go.jp/*", "` + start + `"]}).then((tabs) => chrome.tabs.remove(tabs.map((tab) => tab.id)))`)
	}
}

// A repair whose tab was closed meanwhile opens a new one.
func TestARepairOfAClosedTab(t *testing.T) {
	harness.Insert(t, nil)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	b.Open(harness.FormsPage + "csw0500")
	p := b.Report("loginIndividual")
	b.InWorker(`chrome.tabs.query({url: "` + harness.LoginPage + `"}).then((tabs) => chrome.tabs.remove(tabs.map((tab) => tab.id)))`)
	opened, err := chromedp.Run(p.Ctx, chromedp.Evaluate[bool](`chrome.runtime.sendMessage({type: "repair", name: "fresh-tab", tabId: Number(new URLSearchParams(location.search).get("tab"))}).then((tab) => typeof tab === "number")`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	assert.True(t, opened)
	assert.Contains(t, urls(&harness.Browser{T: t, Ctx: p.Ctx, Site: b.Site, Folder: b.Folder}), harness.LoginPage)
}

// After a failure, a check that finds all fine says so, and leads to a fresh login.
func TestAfterTheMend(t *testing.T) {
	d := pcsctest.Start(t, harness.ReaderName)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	p := b.PressIcon()
	require.Equal(t, "card.absent", p.Code())
	require.NoError(t, chromedp.Do(p.Ctx, chromedp.Evaluate[chromedp.Void](`window.close()`)))
	b.WaitUntilClosed("/ui/popup.html")
	d.Insert(t, 0, virtualcard.New(virtualcard.Healthy(time.Now())))
	p = b.PressIcon() // the popup has closed meanwhile
	assert.Equal(t, "直りました。e-Taxにログインしてください。", p.Text("lead"))
	p.Repair("fresh-tab")
	assert.Equal(t, "verdict.all-fine", p.Code())
}

// What is typed is not looked at, and a message in a field is none.
func TestWhatIsTypedIsNoMessage(t *testing.T) {
	harness.Insert(t, nil)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Path: "/number"})
	b.Navigate("https://" + harness.FormsHost + "/r8/syotoku/form")
	for _, field := range []string{"#payer", "#memo", "#note"} {
		require.NoError(t, chromedp.Do(b.Ctx, chromedp.SendKeys(field, "セッションタイムアウトが発生しました")))
	}
	require.NoError(t, chromedp.Do(b.Ctx, chromedp.Click("#next")))
	b.InPage(`document.querySelector("h1").textContent = "入力内容の確認"`) // a change that is looked at, after the others
	assert.Equal(t, "verdict.all-fine", b.PressIcon().Code())
	assert.Equal(t, "idle", b.Attempt().State)
	assert.Empty(t, b.Banner())
}
