//go:build linux && cgo

package e2e

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Portal: true, Hasty: true, App: harness.Ends})
	open(b, portal)
	p := b.PressIcon()
	assert.Equal(t, "verdict.all-fine", p.Code())
	require.NoError(t, chromedp.Do(p.Ctx, chromedp.Evaluate[chromedp.Void](`window.close()`)))
	b.Press()
	b.WaitForBanner("EW044-C300")
}

// The script reaches the pages that are open already.
func TestThePortalIsLookedAtAtOnce(t *testing.T) {
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Portal: true})
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

// To begin anew in 作成コーナー leaves its other tabs: they may hold a half filled-in return.
func TestAFreshStartLeavesTheForms(t *testing.T) {
	harness.Insert(t, nil)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	form := "https://" + harness.FormsHost + "/r8/syotoku/form"
	b.Open(form)
	b.Open(harness.FormsPage + "csw0100")
	repair := func(name, tab string) {
		ctx, cancel := context.WithTimeout(b.Report(tab).Ctx, harness.Timeout)
		defer cancel()
		done, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`chrome.runtime.sendMessage({type: "repair", name: "`+name+`", tabId: Number(new URLSearchParams(location.search).get("tab"))}).then((tab) => typeof tab === "number")`, chromedp.EvalAwaitPromise))
		require.NoError(t, err)
		require.True(t, done)
	}
	repair("fresh-tab", "csw0100")
	assert.Equal(t, strings.Join([]string{harness.FormsPage + "top", form}, " "), urls(b), "begun anew where the person was; the login's own tab is closed")
	b.Open(harness.LoginPage)
	repair("clear-cookies", "loginIndividual")
	assert.Equal(t, strings.Join([]string{harness.LoginPage, harness.FormsPage + "top", form}, " "), urls(b))
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
