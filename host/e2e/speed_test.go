//go:build linux && cgo

package e2e

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/virtualcard"
)

// contentScripts are those whose time is measured: the names of their extensions, and the folder of the scripts.
type contentScripts struct{ world, folder string }

var (
	oursOnPages = contentScripts{"e-Taxログイン診断", "/content/"}
	oneMessage  = contentScripts{"one message (for benchmarks)", "/onemessage.js"}
)

// traceEvent is a complete event of a trace, its times in microseconds.
type traceEvent struct {
	Pid, Tid int
	Ph, Name string
	Ts, Dur  float64
	Tdur     float64 // of the processor, on its thread
	Args     struct {
		WorldName string
		Data      struct {
			URL string
		}
	}
}

// trace runs steps under the browser's tracing and returns how long a page's main thread was busy with content scripts,
// and all that they called: loading and running them, their callbacks, and what these left to do. In
// milliseconds: of processor time, and by the clock, with what the thread waited for a processor.
func (b *browser) trace(scripts contentScripts, steps ...chromedp.Action[chromedp.Void]) (processor, clock float64) {
	b.t.Helper()
	var events []traceEvent
	done := make(chan error)
	ctx, cancel := context.WithCancel(b.ctx)
	defer cancel()
	require.NoError(b.t, chromedp.ListenBrowser(ctx, func(event any) {
		switch event := event.(type) {
		case *tracing.EventDataCollected:
			for _, data := range event.Value {
				var e traceEvent
				if json.Unmarshal(data, &e) == nil && e.Ph == "X" && e.of(scripts) {
					events = append(events, e)
				}
			}
		case *tracing.EventTracingComplete:
			close(done)
		}
	}))
	_, err := chromedp.CallBrowser(b.ctx, tracing.Start, tracing.StartParams{TraceConfig: &tracing.TraceConfig{IncludedCategories: []string{"devtools.timeline", "v8"}}})
	require.NoError(b.t, err)
	require.NoError(b.t, chromedp.Do(b.ctx, steps...))
	_, err = chromedp.CallBrowser(b.ctx, tracing.End, cdp.Empty{})
	require.NoError(b.t, err)
	<-done
	require.NotEmpty(b.t, events, "none of %+v was traced", scripts)
	slices.SortFunc(events, func(a, b traceEvent) int {
		return cmp.Or(cmp.Compare(a.Pid, b.Pid), cmp.Compare(a.Ts, b.Ts), cmp.Compare(b.Dur, a.Dur))
	})
	in, end := 0, 0.0
	for _, e := range events {
		if e.Pid == in && e.Ts < end { // inside the one before
			continue
		}
		in, end = e.Pid, e.Ts+e.Dur
		processor += e.Tdur / 1000
		clock += e.Dur / 1000
	}
	return processor, clock
}

// of: one of the scripts is evaluated, or one of its functions called, in a page.
func (e traceEvent) of(scripts contentScripts) bool {
	return e.Pid == e.Tid && (e.Name == "EvaluateScript" && strings.HasPrefix(e.Args.Data.URL, "chrome-extension://") && strings.Contains(e.Args.Data.URL, scripts.folder) ||
		e.Name == "v8.callFunction" && e.Args.WorldName == scripts.world)
}

// BenchmarkContentScript: what the content script takes of the page's main thread: at the load of a small page and of one
// with 5,000 elements, beside a script that sends one message, and while 1,000 of those elements change each second.
func BenchmarkContentScript(b *testing.B) {
	wait := func(ms int) chromedp.Action[chromedp.Void] {
		return chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`new Promise((done) => setTimeout(done, %d))`, ms), chromedp.EvalAwaitPromise)
	}
	br := startBrowser(b, setup{extensions: []string{absolute(b, "../../testdata/onemessage")}})
	load := func(page string, scripts contentScripts) func(*testing.B) {
		return func(b *testing.B) {
			var processor, clock float64
			for b.Loop() {
				p, c := br.trace(scripts, chromedp.Navigate("https://"+loginHost+"/"+page), wait(600))
				processor, clock = processor+p, clock+c
			}
			b.ReportMetric(processor/float64(b.N), "main-thread-ms")
			b.ReportMetric(clock/float64(b.N), "by-the-clock-ms")
		}
	}
	for _, page := range []string{"login", "large"} {
		b.Run("load-"+page+"/ours", load(page, oursOnPages))
		b.Run("load-"+page+"/one-message", load(page, oneMessage))
	}
	b.Run("changing", func(b *testing.B) {
		var ms float64
		require.NoError(b, chromedp.Do(br.ctx, chromedp.Navigate("https://"+loginHost+"/large?change"), wait(600)))
		for b.Loop() {
			p, _ := br.trace(oursOnPages, wait(2000))
			ms += p
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
				br.waitUntilClosed("/ui/popup.html")
				b.StartTimer()
			}
		})
	}
}
