//go:build linux && cgo

package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// PageOf opens a page, width pixels wide, for the login page; with name "" the popup's page, 380 pixels wide.
func (b *Browser) PageOf(name string, width int64, dark bool) *Popup {
	b.T.Helper()
	if name == "" {
		name, width = "popup", 380
	}
	tab, err := chromedp.Run(b.Worker(), chromedp.Evaluate[string](`chrome.tabs.query({url: "https://*.nta.go.jp/*"}).then(([tab]) => String(tab.id))`, chromedp.EvalAwaitPromise))
	require.NoError(b.T, err)
	ctx, cancel := chromedp.NewContext(b.Ctx)
	b.T.Cleanup(cancel)
	p := &Popup{T: b.T, Ctx: ctx}
	p.Emulate(Look{Dark: dark})
	require.NoError(b.T, chromedp.Do(ctx,
		chromedp.EmulateViewport(width, 600),
		chromedp.Navigate("chrome-extension://"+ExtensionID+"/ui/"+name+".html?tab="+tab)))
	p.WaitForVerdict()
	return p
}

// Look is how a browser shows pages.
type Look struct{ Dark, Forced, Print bool }

// Emulate changes how the browser shows the page.
func (p *Popup) Emulate(l Look) {
	p.T.Helper()
	features := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}, {Name: "forced-colors", Value: "none"}}
	if l.Dark {
		features[0].Value = "dark"
	}
	if l.Forced {
		features[1].Value = "active"
	}
	params := emulation.SetEmulatedMediaParams{Features: features}
	if l.Print {
		params.Media = "print"
	}
	require.NoError(p.T, chromedp.Do(p.Ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, params)
		return err
	})))
}

// CompareSpoken compares what a screen reader would say of the page, one line for each node, with an approved text.
func (p *Popup) CompareSpoken(name string) {
	p.T.Helper()
	tree, err := chromedp.Run(p.Ctx, func(ctx context.Context, t *chromedp.Target) ([]*accessibility.Node, error) {
		r, err := cdp.Call(ctx, t, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		return r.Nodes, err
	})
	require.NoError(p.T, err)
	byID := map[accessibility.NodeID]*accessibility.Node{}
	for _, n := range tree {
		byID[n.NodeID] = n
	}
	var said strings.Builder
	speak(&said, byID, tree[0], 0)
	spoken := days.ReplaceAllString(said.String(), "${1}N日")
	path := filepath.Join(spokenDir, name+".txt")
	if os.Getenv("UPDATE_SCREENSHOTS") != "" {
		require.NoError(p.T, os.WriteFile(path, []byte(spoken), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(p.T, err, "take it with UPDATE_SCREENSHOTS=1, and read it")
	assert.Equal(p.T, string(want), spoken)
}

// days are what changes from day to day: a date, and how many days are left.
var days = regexp.MustCompile(`(20|あと)[0-9]+(日|年[0-9]+月[0-9]+日)`)

// spokenDir holds what a screen reader says of the pages, as a person has approved it.
const spokenDir = "../../testdata/spoken"

// speak writes the role and the name of a node and of those in it. A node whose text its parent has in its name adds nothing.
func speak(out *strings.Builder, byID map[accessibility.NodeID]*accessibility.Node, n *accessibility.Node, depth int) {
	role, name := textOf(n.Role), textOf(n.Name)
	if role == "InlineTextBox" {
		return
	}
	states := ""
	for _, property := range n.Properties {
		if property.Name == "live" || property.Name == "expanded" {
			states += fmt.Sprintf(" %s=%s", property.Name, textOf(property.Value))
		}
	}
	silent := role == "none" || role == "ListMarker" || role == "generic" && states == "" || role == "StaticText" && strings.TrimSpace(name) == ""
	if !n.Ignored && !silent {
		out.WriteString(strings.Repeat("  ", depth) + role)
		if name != "" {
			fmt.Fprintf(out, " %q", name)
		}
		out.WriteString(states + "\n")
		depth++
	}
	if slices.Contains([]string{"button", "heading", "img", "link"}, role) && name != "" {
		return
	}
	for _, id := range n.ChildIDs {
		if child := byID[id]; child != nil {
			speak(out, byID, child, depth)
		}
	}
}

func textOf(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	var value any
	_ = json.Unmarshal(v.Value, &value)
	return fmt.Sprint(value)
}

// RequireAccessible checks the page with axe-core: there must be no serious or critical violation.
func (p *Popup) RequireAccessible() {
	p.T.Helper()
	RequireAccessible(p.T, p.Ctx)
}

// Compare compares the page with its approved picture. Fonts are drawn slightly differently on each machine. If a page
// looks different to a person, the difference is far above tolerance.
func (p *Popup) Compare(name string) {
	p.T.Helper()
	// What changes from run to run must not be compared.
	p.Do(`document.activeElement?.blur(); const report = document.getElementById("report"); if (report) report.value = report.value.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/, "2027-02-16 12:00")`)
	shot, err := chromedp.Run(p.Ctx, func(ctx context.Context, t *chromedp.Target) ([]byte, error) {
		beyond := true
		r, err := cdp.Call(ctx, t, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &beyond})
		return r.Data, err
	})
	require.NoError(p.T, err)
	got, err := png.Decode(bytes.NewReader(shot))
	require.NoError(p.T, err)
	path := filepath.Join(screenshotsDir, name+".png")
	if os.Getenv("UPDATE_SCREENSHOTS") != "" {
		var small bytes.Buffer
		require.NoError(p.T, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, paletted(got)))
		require.NoError(p.T, os.WriteFile(path, small.Bytes(), 0o644))
		return
	}
	data, err := os.ReadFile(path)
	require.NoError(p.T, err, "take it with UPDATE_SCREENSHOTS=1, and look at it")
	want, err := png.Decode(bytes.NewReader(data))
	require.NoError(p.T, err)
	const tolerance = 0.04
	if d := difference(want, got); d > tolerance {
		Screenshot(p.T, p.Ctx, "screenshots-"+name)
		p.T.Errorf("%s looks different: %.1f %% of it; the picture taken is in artifacts/screenshots/screenshots-%s.png", name, 100*d, name)
	}
}

// screenshotsDir holds the pictures that a person has approved. UPDATE_SCREENSHOTS=1 takes them again.
const screenshotsDir = "../../testdata/screenshots"

func RequireAccessible(t testing.TB, ctx context.Context) {
	t.Helper()
	axe, err := os.ReadFile("../../node_modules/axe-core/axe.min.js")
	require.NoError(t, err)
	result, err := chromedp.Run(ctx, chromedp.Evaluate[string](string(axe)+`;axe.run({resultTypes: ["violations"]}).then((r) => JSON.stringify(r.violations.map(({id, impact, nodes}) => ({id, impact, nodes: nodes.map((n) => n.html.slice(0, 200))}))))`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	var violations []struct {
		ID, Impact string
		Nodes      []string
	}
	require.NoError(t, json.Unmarshal([]byte(result), &violations))
	for _, v := range violations {
		assert.NotContains(t, []string{"serious", "critical"}, v.Impact, "%s: %q", v.ID, v.Nodes)
	}
}

// paletted is a picture in its 256 most frequent colours, which takes a third of the space.
func paletted(m image.Image) image.Image {
	count := map[color.NRGBA]int{}
	at := func(x, y int) color.NRGBA { return color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA) }
	for y := m.Bounds().Min.Y; y < m.Bounds().Max.Y; y++ {
		for x := m.Bounds().Min.X; x < m.Bounds().Max.X; x++ {
			count[at(x, y)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(count), func(a, b color.NRGBA) int { return count[b] - count[a] })
	var palette color.Palette
	for _, c := range colours[:min(256, len(colours))] {
		palette = append(palette, c)
	}
	small := image.NewPaletted(m.Bounds(), palette)
	draw.Draw(small, m.Bounds(), m, m.Bounds().Min, draw.Src)
	return small
}

// difference is the share of squares that clearly differ, in the stripe that differs most. It is 1 for pictures of very
// different sizes.
func difference(a, b image.Image) float64 {
	size := a.Bounds().Size()
	if size.X != b.Bounds().Dx() || math.Abs(float64(size.Y-b.Bounds().Dy())) > 24 {
		return 1
	}
	height := min(size.Y, b.Bounds().Dy())
	worst := 0.0
	for top := 0; top+stripe <= height; top += stripe {
		var differ, all int
		for y := top; y < top+stripe; y += cell {
			for x := 0; x+cell <= size.X; x += cell {
				all++
				if distance(mean(a, x, y), mean(b, x, y)) > 24 {
					differ++
				}
			}
		}
		worst = max(worst, float64(differ)/float64(all))
	}
	return worst
}

// cell is the side of the squares, in pixels, whose mean colours are compared: small differences in letters do not count.
const cell = 8

// stripe is the height of the separately compared parts, in pixels: on a whole long page, one missing line counts little.
const stripe = 15 * cell

func mean(m image.Image, x, y int) (c [3]float64) {
	for i := range cell {
		for j := range cell {
			p := color.NRGBAModel.Convert(m.At(x+i, y+j)).(color.NRGBA)
			c[0] += float64(p.R)
			c[1] += float64(p.G)
			c[2] += float64(p.B)
		}
	}
	for i := range c {
		c[i] /= cell * cell
	}
	return c
}

func distance(a, b [3]float64) float64 {
	return math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}
