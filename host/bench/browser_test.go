//go:build linux && cgo

package main

import (
	"fmt"
	"path"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/virtualcard"
	"etax-doctor/host/e2e/harness"
	"etax-doctor/manifests"
)

// BenchmarkContentScript: the content script's time on the page's main thread: at the load of a small page and of one
// with 5,000 elements or fields, beside a script that sends one message, and while 1,000 of those elements change each second.
func BenchmarkContentScript(b *testing.B) {
	wait := func(ms int) chromedp.Action[chromedp.Void] {
		return chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`new Promise((done) => setTimeout(done, %d))`, ms), chromedp.EvalAwaitPromise)
	}
	br := harness.StartBrowser(b, harness.Setup{Extensions: []string{harness.Absolute(b, "../../testdata/onemessage")}})
	load := func(page string, scripts harness.ContentScripts) func(*testing.B) {
		return func(b *testing.B) {
			var processor, clock float64
			for b.Loop() {
				p, c := br.Trace(scripts, chromedp.Navigate(page), wait(600))
				processor, clock = processor+p, clock+c
			}
			b.ReportMetric(processor/float64(b.N), "main-thread-ms")
			b.ReportMetric(clock/float64(b.N), "by-the-clock-ms")
		}
	}
	for _, page := range []string{"https://" + harness.LoginHost + "/login", "https://" + harness.LoginHost + "/large", harness.FormsPage + "form"} {
		name := "load-" + path.Base(page)
		b.Run(name+"/ours", load(page, harness.OursOnPages))
		b.Run(name+"/one-message", load(page, harness.OneMessage))
	}
	changing := func(scripts harness.ContentScripts) func(*testing.B) {
		return func(b *testing.B) {
			var ms float64
			require.NoError(b, chromedp.Do(br.Ctx, chromedp.Navigate("https://"+harness.LoginHost+"/large?change"), wait(600)))
			for b.Loop() {
				p, _ := br.Trace(scripts, wait(2000))
				ms += p
			}
			b.ReportMetric(100*ms/float64(b.N)/2000, "main-thread-%")
		}
	}
	b.Run("changing/ours", changing(harness.OursOnPages))
	b.Run("changing/one-message", changing(harness.OneMessage))
}

// smallestID is the id of the extension in testdata/smallest.
const smallestID = "ejcjblfbmjifpcobnjbjgaknddbgpmme"

// BenchmarkPress: from the press on the icon to the verdict in the popup, with a card that answers at once and with one
// that takes 20 ms for each command, against the smallest extension whose popup asks an echo host and paints one line.
func BenchmarkPress(b *testing.B) {
	for _, delay := range []time.Duration{0, 20 * time.Millisecond} {
		b.Run(delay.String()+"-per-APDU", func(b *testing.B) {
			d := pcsctest.Start(b, harness.ReaderName)
			profile := virtualcard.Healthy(time.Now())
			profile.Delay = delay
			d.Insert(b, 0, virtualcard.New(profile))
			press(b, harness.StartBrowser(b, harness.Setup{Manifest: harness.Registered(), Own: true}), harness.ExtensionID)
		})
	}
	b.Run("smallest", func(b *testing.B) {
		br := harness.StartBrowser(b, harness.Setup{Extensions: []string{harness.Absolute(b, "../../testdata/smallest")}, Own: true})
		harness.Register(b, br.Folder, manifests.Host{Name: "jp.etax_doctor.floor", Description: "floor", Type: "stdio",
			Path: buildSource(b, echoHost), AllowedOrigins: []string{"chrome-extension://" + smallestID + "/"}})
		press(b, br, smallestID)
	})
}

// press opens the popup of an extension again and again, until it has painted what has a code.
func press(b *testing.B, br *harness.Browser, id string) {
	worker := br.Attach("service_worker", "chrome-extension://"+id+"/")
	for b.Loop() {
		require.NoError(b, chromedp.Do(worker, chromedp.Evaluate[chromedp.Void](`chrome.action.openPopup()`, chromedp.EvalAwaitPromise)))
		p := &harness.Popup{T: b, Ctx: br.Attach("page", "chrome-extension://"+id+"/")}
		p.WaitForVerdict()
		// Two frames later it has been painted.
		require.NoError(b, chromedp.Do(p.Ctx, chromedp.Evaluate[chromedp.Void](`new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))`, chromedp.EvalAwaitPromise)))
		b.StopTimer()
		_, _ = chromedp.Run(p.Ctx, chromedp.Evaluate[chromedp.Void](`window.close()`))
		br.WaitUntilClosed("popup.html")
		b.StartTimer()
	}
}
