//go:build linux && cgo

package e2e

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// banner is what the warning on the page says, or "". Only the debugger sees into its closed shadow tree.
func (b *browser) banner() string {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, func(ctx context.Context, t *chromedp.Target) (string, error) {
		host, err := bannerHost(ctx, t)
		if err != nil || host == nil {
			return "", err
		}
		var text strings.Builder
		write(&text, host.ShadowRoots[0])
		return text.String(), nil
	})
	require.NoError(b.t, err)
	return text
}

func bannerHost(ctx context.Context, t *chromedp.Target) (*cdp.Node, error) {
	all, pierce := int64(-1), true
	document, err := cdp.Call(ctx, t, dom.GetDocument, dom.GetDocumentParams{Depth: &all, Pierce: &pierce})
	if err != nil {
		return nil, err
	}
	return findHost(document.Root), nil
}

// findHost finds the element with a shadow tree of its author's: the pages have none.
func findHost(n *cdp.Node) *cdp.Node {
	if len(n.ShadowRoots) > 0 && n.ShadowRoots[0].ShadowRootType != cdp.ShadowRootTypeUserAgent {
		return n
	}
	for _, c := range n.Children {
		if found := findHost(c); found != nil {
			return found
		}
	}
	return nil
}

func write(text *strings.Builder, n *cdp.Node) {
	if n.NodeName == "STYLE" {
		return
	}
	text.WriteString(n.NodeValue)
	for _, c := range n.Children {
		write(text, c)
	}
}

// clickBanner presses one of its buttons, by its class.
func (b *browser) clickBanner(class string) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		host, err := bannerHost(ctx, t)
		if err != nil {
			return err
		}
		button := findClass(host.ShadowRoots[0], class)
		box, err := cdp.Call(ctx, t, dom.GetBoxModel, dom.GetBoxModelParams{BackendNodeID: button.BackendNodeID})
		if err != nil {
			return err
		}
		c := box.Model.Content
		_, err = chromedp.MouseClickXY((c[0]+c[4])/2, (c[1]+c[5])/2)(ctx, t)
		return err
	})))
}

func findClass(n *cdp.Node, class string) *cdp.Node {
	for i := 0; i+1 < len(n.Attributes); i += 2 {
		if n.Attributes[i] == "class" && n.Attributes[i+1] == class {
			return n
		}
	}
	for _, c := range n.Children {
		if found := findClass(c, class); found != nil {
			return found
		}
	}
	return nil
}

// waitForBanner waits until the banner holds a text.
func (b *browser) waitForBanner(text string) {
	b.t.Helper()
	require.Eventually(b.t, func() bool { return strings.Contains(b.banner(), text) }, patience, step, "no banner with %s; attempt: %+v", text, b.attempt())
}

// attempt is what the worker keeps of the login in the only e-Tax tab.
type attempt struct {
	State  string
	Announced []string
	Seen   []struct{ Code string }
}

func (b *browser) worker() context.Context {
	b.t.Helper()
	return b.attach("service_worker", "chrome-extension://"+extensionID+"/")
}

func (b *browser) hasWorker() bool {
	targets, err := chromedp.Targets(b.ctx)
	return err == nil && slices.ContainsFunc(targets, func(x *target.Info) bool {
		return x.Type == "service_worker" && strings.HasPrefix(x.URL, "chrome-extension://"+extensionID+"/")
	})
}

func (b *browser) attempt() (a attempt) {
	b.t.Helper()
	text, err := chromedp.Run(b.worker(), chromedp.Evaluate[string](`chrome.storage.session.get(null).then((kept) => JSON.stringify(Object.entries(kept).find(([key]) => key.startsWith("attempt:"))?.[1].attempt ?? {}))`, chromedp.EvalAwaitPromise))
	require.NoError(b.t, err)
	require.NoError(b.t, json.Unmarshal([]byte(text), &a))
	return a
}

func (b *browser) waitForState(state string) {
	b.t.Helper()
	require.Eventually(b.t, func() bool { return b.attempt().State == state }, patience, step, "never %s", state)
}

// badges are the texts on the icon, of all tabs.
func (b *browser) badges() string {
	b.t.Helper()
	text, err := chromedp.Run(b.worker(), chromedp.Evaluate[string](`chrome.tabs.query({}).then((tabs) => Promise.all(tabs.map((tab) => chrome.action.getBadgeText({tabId: tab.id})))).then((all) => all.join(""))`, chromedp.EvalAwaitPromise))
	require.NoError(b.t, err)
	return text
}

// stopWorker stops the extension's worker, as the browser may at any moment.
func (b *browser) stopWorker() {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, serviceworker.Enable, cdp.Empty{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, serviceworker.StopAllWorkers, cdp.Empty{})
		return err
	})))
}
