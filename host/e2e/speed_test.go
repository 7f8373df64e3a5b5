//go:build linux && cgo

package e2e

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/profiler"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/pcsc/pcsctest"
	"etax-doctor/checks/virtualcard"
)

// profile runs steps under the browser's own profiler and returns how long the extension's scripts, and what they
// called, took of the page's main thread, in milliseconds.
func (b *browser) profile(steps ...chromedp.Action[chromedp.Void]) (ours float64) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, profiler.Enable, cdp.Empty{}); err != nil {
			return err
		}
		if _, err := cdp.Call(ctx, t, profiler.SetSamplingInterval, profiler.SetSamplingIntervalParams{Interval: 250}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, profiler.Start, cdp.Empty{})
		return err
	})))
	require.NoError(b.t, chromedp.Do(b.ctx, steps...))
	result, err := chromedp.Run(b.ctx, func(ctx context.Context, t *chromedp.Target) (profiler.StopResult, error) {
		return cdp.Call(ctx, t, profiler.Stop, cdp.Empty{})
	})
	require.NoError(b.t, err)
	inside := map[int64]bool{} // nodes of ours and below
	var mark func(id int64, below bool)
	nodes := map[int64]*profiler.ProfileNode{}
	for _, n := range result.Profile.Nodes {
		nodes[n.ID] = n
	}
	mark = func(id int64, below bool) {
		below = below || strings.HasPrefix(nodes[id].CallFrame.URL, "chrome-extension://"+extensionID+"/")
		inside[id] = below
		for _, c := range nodes[id].Children {
			mark(c, below)
		}
	}
	mark(result.Profile.Nodes[0].ID, false)
	for i, id := range result.Profile.Samples {
		if inside[id] {
			ours += float64(result.Profile.TimeDeltas[i]) / 1000
		}
	}
	return ours
}

// BenchmarkContentScript: what the content script takes of the page's main thread: at the load of a small page and of one
// with 5,000 elements, and while 1,000 of those change each second.
func BenchmarkContentScript(b *testing.B) {
	waiting := func(ms int) chromedp.Action[chromedp.Void] {
		return chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`new Promise((done) => setTimeout(done, %d))`, ms), chromedp.EvalAwaitPromise)
	}
	br := startBrowser(b, setup{})
	for _, page := range []string{"login", "busy"} {
		b.Run("load-"+page, func(b *testing.B) {
			var ms float64
			for b.Loop() {
				ms += br.profile(chromedp.Navigate("https://"+loginHost+"/"+page), waiting(300))
			}
			b.ReportMetric(ms/float64(b.N), "main-thread-ms")
		})
	}
	b.Run("changing", func(b *testing.B) {
		var ms float64
		for b.Loop() {
			ms += br.profile(waiting(2000))
		}
		b.ReportMetric(100*ms/float64(b.N)/2000, "main-thread-%")
	})
}

// BenchmarkPress: from the press on the icon to the verdict in the popup, with a card that answers at once and with one
// that takes 20 ms for each command.
func BenchmarkPress(b *testing.B) {
	for _, delay := range []time.Duration{0, 20 * time.Millisecond} {
		b.Run(delay.String()+"-per-APDU", func(b *testing.B) {
			d := pcsctest.Start(b, readerName)
			profile := virtualcard.Healthy(time.Now())
			profile.Delay = delay
			d.Insert(b, 0, virtualcard.New(profile))
			br := startBrowser(b, setup{manifest: registered()})
			worker := br.worker()
			for b.Loop() {
				require.NoError(b, chromedp.Do(worker, chromedp.Evaluate[chromedp.Void](`chrome.action.openPopup()`, chromedp.EvalAwaitPromise)))
				p := &popup{t: b, ctx: br.attach("page", "chrome-extension://"+extensionID+"/ui/popup.html")}
				p.waitForVerdict()
				// Two frames later it has been painted.
				require.NoError(b, chromedp.Do(p.ctx, chromedp.Evaluate[chromedp.Void](`new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))`, chromedp.EvalAwaitPromise)))
				b.StopTimer()
				_, _ = chromedp.Run(p.ctx, chromedp.Evaluate[chromedp.Void](`window.close()`))
				require.Eventually(b, func() bool {
					targets, err := chromedp.Targets(br.ctx)
					return err == nil && !slices.ContainsFunc(targets, func(x *target.Info) bool { return strings.HasSuffix(x.URL, "/ui/popup.html") })
				}, patience, step)
				b.StartTimer()
			}
		})
	}
}
