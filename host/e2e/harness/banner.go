//go:build linux && cgo

package harness

import (
	"context"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// Banner is what the warning on the page says, or "". Only the debugger sees into its closed shadow tree.
func (b *Browser) Banner() string {
	b.T.Helper()
	text, err := chromedp.Run(b.Ctx, func(ctx context.Context, t *chromedp.Target) (string, error) {
		host, err := bannerHost(ctx, t)
		if err != nil || host == nil {
			return "", err
		}
		var text strings.Builder
		write(&text, host.ShadowRoots[0])
		return text.String(), nil
	})
	require.NoError(b.T, err)
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

// findHost finds the banner's element: the only one with a shadow tree that is not the browser's own.
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
	if n.NodeName == "STYLE" || slices.Contains(n.Attributes, "aria-hidden") {
		return
	}
	text.WriteString(n.NodeValue)
	for _, c := range n.Children {
		write(text, c)
	}
}

// ClickBanner presses the banner's button with the given class.
func (b *Browser) ClickBanner(class string) {
	b.T.Helper()
	require.NoError(b.T, chromedp.Do(b.Ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		host, err := bannerHost(ctx, t)
		if err != nil || host == nil {
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

// WaitForBanner waits until the banner holds a text.
func (b *Browser) WaitForBanner(text string) {
	b.T.Helper()
	b.WaitUntil(func() bool { return strings.Contains(b.Banner(), text) }, "no banner with "+text)
}
