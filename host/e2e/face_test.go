//go:build linux && cgo

package e2e

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/host/e2e/harness"
)

func press(t *testing.T, p *harness.Popup, keys ...string) {
	t.Helper()
	for _, key := range keys {
		require.NoError(t, chromedp.Do(p.Ctx, chromedp.KeyEvent(key)))
	}
}

// The stations of the way say what was found there, to the keyboard too.
func TestTheStationsSpeak(t *testing.T) {
	pcsctest.Start(t, harness.ReaderName)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	p := b.PageOf("", 0, false)
	require.Equal(t, "card", p.Broken())
	assert.Equal(t, "カード", p.Text("where"))
	p.Do(`document.querySelector("#path button").focus()`)
	for _, want := range []string{"証明書: 電子証明書・暗証番号は、まだ調べていません", "リーダー: カードリーダーを使えます"} {
		press(t, p, kb.ArrowRight)
		assert.Contains(t, p.Text("where"), want)
	}
	press(t, p, kb.ArrowLeft)
	assert.Contains(t, p.Text("where"), "証明書")
	assert.Equal(t, "1", p.Evaluate(`String(document.querySelectorAll('#path [tabindex="0"]').length)`), "one stop for Tab")
	p.Do(`document.querySelector('[data-station="etax"] button').click()`)
	assert.Equal(t, "e-Tax: 調べていません", p.Text("where"))
}

// tabTo presses Tab until an element has the focus.
func tabTo(t *testing.T, p *harness.Popup, selector string) {
	t.Helper()
	for range 80 {
		press(t, p, kb.Tab)
		if p.Evaluate(`String(document.activeElement.matches('`+selector+`'))`) == "true" {
			return
		}
	}
	t.Fatalf("Tab does not reach %s", selector)
}

// Every path of the popup and of the full page, with Tab, Enter, Space and the arrow keys alone.
func TestEveryPathWithTheKeyboard(t *testing.T) {
	harness.Insert(t, expired)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	p := b.PageOf("", 0, false)
	press(t, p, kb.Tab)
	require.Equal(t, "main", p.Evaluate(`document.activeElement.id`), "the one thing to press is the first stop: %s, %s",
		p.Code(), p.Evaluate(`document.activeElement.outerHTML.slice(0, 200) + (document.hasFocus() ? "" : ", the page has no focus")`))
	press(t, p, kb.Enter)
	assert.Contains(t, p.Text("bring"), "マイナンバーカード")
	assert.Equal(t, "窓口に持って行くもの", p.Evaluate(`document.activeElement.innerText.trim()`), "the focus is where the list is")
	tabTo(t, p, "#path button")
	assert.Contains(t, p.Text("where"), "カード: ")
	tabTo(t, p, "footer summary")
	press(t, p, kb.Enter)
	tabTo(t, p, "#symptom")
	press(t, p, "EW044-C300", kb.Enter)
	p.WaitUntil(`document.getElementById("symptoms").innerText.includes("EW044")`)

	p = b.PageOf("report", 1100, false)
	tabTo(t, p, "#filter input")
	press(t, p, kb.ArrowRight)
	assert.Equal(t, "failure warning", p.Evaluate(`document.querySelector("#filter :checked").value`))
	press(t, p, kb.ArrowLeft)
	tabTo(t, p, "#fine summary")
	press(t, p, kb.Enter)
	assert.Equal(t, "true", p.Evaluate(`String(document.getElementById("fine").open)`))
	tabTo(t, p, "#copy")
	tabTo(t, p, "[name=size]")
	press(t, p, kb.ArrowRight)
	p.WaitUntil(`document.documentElement.dataset.size === "2"`)
}

// The size of the letters and the language are kept, also for the popup and for the host's texts.
func TestSettingsAreKept(t *testing.T) {
	harness.Insert(t, expired)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	p := b.PageOf("report", 1100, false)
	height := p.Evaluate(`String(document.getElementById("title").getBoundingClientRect().height)`)
	p.Do(`document.querySelector('[name="size"][value="3"]').click()`)
	p.WaitUntil(`document.getElementById("title").getBoundingClientRect().height > 1.2 * ` + height)
	p.Do(`document.querySelector('[name="language"][value="en"]').click()`)
	require.Eventually(t, func() bool {
		kept, err := chromedp.Run(b.Worker(), chromedp.Evaluate[string](`chrome.storage.local.get("language").then(({language}) => language ?? "")`, chromedp.EvalAwaitPromise))
		return err == nil && kept == "en"
	}, harness.Timeout, harness.Poll)
	p = &harness.Popup{T: t, Ctx: b.Attach("page", "chrome-extension://"+harness.ExtensionID+"/ui/report.html")}
	p.WaitUntil(`document.documentElement.lang === "en" && document.body.dataset.code`)
	assert.Contains(t, p.Title(), "expired")
	assert.Equal(t, "3", p.Evaluate(`document.documentElement.dataset.size`))
	assert.Contains(t, b.PageOf("", 0, false).Title(), "expired")
}

// A host that writes without end does not keep the person waiting.
func TestAHostThatNeverEnds(t *testing.T) {
	frame := harness.Framed(`{"type":"finding","id":"1","finding":{"code":"reader.ready","status":"ok","layer":"reader"}}`)
	hello := harness.Framed(`{"type":"hello","protocol":1,"version":"x","os":"linux","arch":"amd64"}`)
	m := hostScript(t, fmt.Sprintf("printf '%s'\nwhile printf '%s'; do sleep 0.02; done\n", octal(hello), octal(frame)))
	b := harness.StartBrowser(t, harness.Setup{Manifest: m, Impatient: true})
	p := b.PressIcon()
	assert.Equal(t, "verdict.not-all-checked", p.Code())
	assert.Contains(t, p.Text("unchecked"), "もう一度調べる")
}

// octal writes bytes as printf reads them.
func octal(data []byte) (s string) {
	for _, b := range data {
		s += fmt.Sprintf(`\%03o`, b)
	}
	return s
}

// showBanner starts a login that stalls, on a page whose banner a test can look into, and returns how to find a part of it.
func showBanner(t *testing.T, s harness.Setup) (b *harness.Browser, part func(selector string) string) {
	t.Helper()
	s.NoBridge, s.Deadlines, s.Open, s.Path = true, harness.Soon, true, "/login?deaf"
	b = harness.StartBrowser(t, s)
	b.Press()
	b.WaitForBanner("拡張機能")
	return b, func(selector string) string {
		return `[...document.documentElement.children].find((e) => e.lang && e.shadowRoot).shadowRoot.querySelector("` + selector + `")`
	}
}

func isTrue(t *testing.T, b *harness.Browser, expression string) bool {
	t.Helper()
	is, err := chromedp.Run(b.Ctx, chromedp.Evaluate[bool](expression))
	require.NoError(t, err)
	return is
}

// A message of e-Tax's is a warning, in the banner as in the popup.
func TestTheBannerOfAMessage(t *testing.T) {
	harness.Insert(t, nil)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Open: true})
	refuse(b)
	b.WaitForBanner("EW044-C300")
	assert.True(t, isTrue(t, b, `(({shadowRoot}) => shadowRoot.querySelector(".banner").dataset.state === "warning" && shadowRoot.querySelector(".mark").textContent === "!")([...document.documentElement.children].find((e) => e.lang && e.shadowRoot))`))
	p := b.PressIcon()
	assert.Equal(t, "!", p.Text("mark"))
}

// The buttons stay in sight, however narrow or enlarged the window is; the text is cut. On a phone's width it is one line.
func TestTheBannerInANarrowWindow(t *testing.T) {
	harness.OnlyInFull(t)
	b, part := showBanner(t, harness.Setup{})
	for _, width := range []int64{1280, 427, 360, 240} { // 427: 1280 at 300 %
		require.NoError(t, chromedp.Do(b.Ctx, chromedp.EmulateViewport(width, 300)))
		for _, button := range []string{".more", ".close"} {
			assert.True(t, isTrue(t, b, `(({left, right, top, bottom}) => left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight && right - left > 20)(`+part(button)+`.getBoundingClientRect())`), "%s at %d pixels", button, width)
		}
		if width < 480 {
			assert.True(t, isTrue(t, b, part(".banner")+`.offsetHeight < 70`), "one line at %d pixels", width)
		}
	}
	harness.RequireAccessible(t, b.Ctx)
}

// The banner reads from left to right on any page, takes no focus, closes with Escape, and is not over the login's button.
func TestTheBannerAmongOtherThings(t *testing.T) {
	b, part := showBanner(t, harness.Setup{})
	b.InPage(`document.documentElement.dir = "rtl"`)
	assert.True(t, isTrue(t, b, `getComputedStyle(`+part(".title")+`).direction === "ltr" && document.activeElement.id === "card"`))
	assert.True(t, isTrue(t, b, part(".banner")+`.getBoundingClientRect().top === 0`))
	b.InPage(`Object.assign(document.getElementById("card").style, {position: "fixed", top: "10px"}); dispatchEvent(new Event("resize"))`)
	require.Eventually(t, func() bool { return isTrue(t, b, part(".banner")+`.getBoundingClientRect().top > 100`) }, harness.Timeout, harness.Poll, "it covers the button")
	require.NoError(t, chromedp.Do(b.Ctx, chromedp.KeyEvent(kb.Escape)))
	require.Eventually(t, func() bool { return b.Banner() == "" }, harness.Timeout, harness.Poll)
}

// A page that takes the banner away gets it once more, also with a new document; then it may go.
func TestTheBannerComesBackOnce(t *testing.T) {
	harness.OnlyInFull(t)
	for how, script := range map[string]string{
		"removed":  `[...document.documentElement.children].find((e) => e.lang && e.shadowRoot).remove()`,
		"reopened": `document.open(); document.write("<p>x"); document.close()`,
		"replaced": `document.documentElement.replaceWith(document.createElement("html")); document.documentElement.append(document.createElement("body"))`,
	} {
		t.Run(how, func(t *testing.T) {
			b, _ := showBanner(t, harness.Setup{})
			b.InPage(script)
			b.WaitForBanner("拡張機能")
			if how == "reopened" { // document.open() takes all listeners
				b.ClickBanner("close")
				require.Eventually(t, func() bool { return b.Banner() == "" }, harness.Timeout, harness.Poll, "it cannot be closed")
				return
			}
			b.InPage(`[...document.documentElement.children].find((e) => e.lang && e.shadowRoot).remove()`)
			b.InPage(`new Promise((done) => setTimeout(done, 0))`)
			assert.Empty(t, b.Banner())
		})
	}
}

// After an update of the extension, a banner of the old one cannot do anything: it goes when it is pressed.
func TestABannerFromBeforeAnUpdate(t *testing.T) {
	harness.OnlyInFull(t)
	b, _ := showBanner(t, harness.Setup{Own: true})
	worker := b.Worker()
	require.NoError(t, chromedp.Do(worker, chromedp.Evaluate[chromedp.Void](`setTimeout(() => chrome.runtime.reload(), 0)`)))
	old := chromedp.FromContext(worker).Target.TargetID
	require.Eventually(t, func() bool {
		targets, err := chromedp.Targets(b.Ctx)
		return err == nil && !slices.ContainsFunc(targets, func(x *target.Info) bool { return x.TargetID == old })
	}, harness.Timeout, harness.Poll, "the old worker stays")
	b.ClickBanner("more")
	require.Eventually(t, func() bool { return b.Banner() == "" }, harness.Timeout, harness.Poll, "it stays")
}
