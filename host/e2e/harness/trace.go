//go:build linux && cgo

package harness

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// ContentScripts are those whose time is measured: World is the name of their extension, Folder holds the scripts.
type ContentScripts struct{ World, Folder string }

// Our content scripts, and the one that they are compared with.
var (
	OursOnPages = ContentScripts{"e-Taxログイン診断", "/content/"}
	OneMessage  = ContentScripts{"one message (for benchmarks)", "/onemessage.js"}
)

// traceEvent is a complete event of a trace, its times in microseconds.
type traceEvent struct {
	Pid, Tid int
	Ph, Name string
	Ts, Dur  float64
	Tdur     float64 // processor time of its thread
	Args     struct {
		WorldName string
		Data      struct {
			URL string
		}
	}
}

// Trace runs steps while the browser records a trace, and returns how long a page's main thread was busy with content
// scripts: with loading and running them, their callbacks, all that they called, and the work that they started. In
// milliseconds: processor time, and clock time, which includes waiting for a processor.
func (b *Browser) Trace(scripts ContentScripts, steps ...chromedp.Action[chromedp.Void]) (processor, clock float64) {
	b.T.Helper()
	var events []traceEvent
	done := make(chan error)
	ctx, cancel := context.WithCancel(b.Ctx)
	defer cancel()
	require.NoError(b.T, chromedp.ListenBrowser(ctx, func(event any) {
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
	_, err := chromedp.CallBrowser(b.Ctx, tracing.Start, tracing.StartParams{TraceConfig: &tracing.TraceConfig{IncludedCategories: []string{"devtools.timeline", "v8"}}})
	require.NoError(b.T, err)
	require.NoError(b.T, chromedp.Do(b.Ctx, steps...))
	_, err = chromedp.CallBrowser(b.Ctx, tracing.End, cdp.Empty{})
	require.NoError(b.T, err)
	<-done
	require.NotEmpty(b.T, events, "none of %+v was traced", scripts)
	slices.SortFunc(events, func(a, b traceEvent) int {
		return cmp.Or(cmp.Compare(a.Pid, b.Pid), cmp.Compare(a.Ts, b.Ts), cmp.Compare(b.Dur, a.Dur))
	})
	in, end := 0, 0.0
	for _, e := range events {
		if e.Pid == in && e.Ts < end { // inside the previous event
			continue
		}
		in, end = e.Pid, e.Ts+e.Dur
		processor += e.Tdur / 1000
		clock += e.Dur / 1000
	}
	return processor, clock
}

// of reports whether the event evaluates one of the scripts or calls one of its functions, in a page.
func (e traceEvent) of(scripts ContentScripts) bool {
	return e.Pid == e.Tid && (e.Name == "EvaluateScript" && strings.HasPrefix(e.Args.Data.URL, "chrome-extension://") && strings.Contains(e.Args.Data.URL, scripts.Folder) ||
		e.Name == "v8.callFunction" && e.Args.WorldName == scripts.World)
}
