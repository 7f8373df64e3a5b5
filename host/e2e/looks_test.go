//go:build linux && cgo

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/virtualcard"
)

// looksDir holds the pictures that a person has looked at. UPDATE_LOOKS=1 takes them anew.
const looksDir = "../../testdata/screenshots"

// A date far in the past, so that a picture does not change with the day it is taken on.
var longAgo = time.Date(2025, 5, 5, 14, 59, 59, 0, time.UTC)

func expired(p *virtualcard.Profile) { p.Issuance.NotAfter = longAgo }

// TestLooks holds the pages to pictures that were looked at, and to axe-core's rules of accessibility.
func TestLooks(t *testing.T) {
	for _, c := range []struct {
		name     string
		setup    setup
		card     func(*virtualcard.Profile)
		noCard   bool
		tabs     int
		page     string
		dark     bool
		width    int64
		expected string
	}{
		{name: "popup-expired-ja", setup: setup{manifest: registered()}, card: expired, expected: "certificate.expired"},
		{name: "popup-expired-en-dark", setup: setup{manifest: registered(), language: "en"}, card: expired, dark: true, expected: "certificate.expired"},
		{name: "popup-no-card-ja", setup: setup{manifest: registered()}, noCard: true, expected: "card.absent"},
		{name: "popup-no-card-ja-dark", setup: setup{manifest: registered()}, noCard: true, dark: true, expected: "card.absent"},
		{name: "popup-fine-ja", setup: setup{manifest: registered()}, expected: "verdict.all-fine"},
		{name: "popup-fine-en", setup: setup{manifest: registered(), language: "en"}, expected: "verdict.all-fine"},
		{name: "popup-first-run-ja", setup: setup{}, expected: "host.not-found"},
		{name: "popup-two-tabs-ja", setup: setup{manifest: registered()}, tabs: 1, expected: "session.duplicate-tabs"},
		{name: "page-expired-ja", setup: setup{manifest: registered()}, card: expired, page: "report", width: 800, expected: "certificate.expired"},
		{name: "page-expired-en-dark", setup: setup{manifest: registered(), language: "en"}, card: expired, page: "report", dark: true, width: 800, expected: "certificate.expired"},
		{name: "page-no-card-ja", setup: setup{manifest: registered()}, noCard: true, page: "report", width: 360, expected: "card.absent"},
		{name: "page-first-run-en", setup: setup{language: "en"}, page: "report", width: 800, expected: "host.not-found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.noCard {
				pcsctest.Start(t, readerName)
			} else {
				insert(t, c.card)
			}
			b := startBrowser(t, c.setup)
			for range c.tabs {
				b.open(loginPage)
			}
			p := b.pageOf(c.page, c.width, c.dark)
			require.Equal(t, c.expected, p.code())
			p.requireAccessible()
			p.compare(c.name)
		})
	}
}

// pageOf opens the popup's page or the full one, as wide as asked for, on the login page.
func (b *browser) pageOf(name string, width int64, dark bool) *popup {
	b.t.Helper()
	if name == "" {
		name, width = "popup", 360
	}
	tab, err := chromedp.Run(b.worker(), chromedp.Evaluate[string](`chrome.tabs.query({url: "https://*.e-tax.nta.go.jp/*"}).then(([tab]) => String(tab.id))`, chromedp.EvalAwaitPromise))
	require.NoError(b.t, err)
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.t.Cleanup(cancel)
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	require.NoError(b.t, chromedp.Do(ctx,
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
			return err
		}),
		chromedp.EmulateViewport(width, 600),
		chromedp.Navigate("chrome-extension://"+extensionID+"/ui/"+name+".html?tab="+tab)))
	p := &popup{t: b.t, ctx: ctx}
	p.waitForVerdict()
	return p
}

// requireAccessible lets axe-core look at the page: no serious or critical violation.
func (p *popup) requireAccessible() {
	p.t.Helper()
	requireAccessible(p.t, p.ctx)
}

func requireAccessible(t testing.TB, ctx context.Context) {
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

// compare holds the page to its picture. Fonts are drawn a little differently from machine to machine; a page that
// looks different to a person differs in far more than tolerance.
func (p *popup) compare(name string) {
	p.t.Helper()
	// What changes from run to run is not to be compared.
	p.do(`document.activeElement?.blur(); const report = document.getElementById("report"); if (report) report.value = report.value.replace(/\d{4}-\d\d-\d\dT\S+/, "2027-02-16T03:00:00Z")`)
	shot, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) ([]byte, error) {
		beyond := true
		r, err := cdp.Call(ctx, t, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &beyond})
		return r.Data, err
	})
	require.NoError(p.t, err)
	got, err := png.Decode(bytes.NewReader(shot))
	require.NoError(p.t, err)
	path := filepath.Join(looksDir, name+".png")
	if os.Getenv("UPDATE_LOOKS") != "" {
		var small bytes.Buffer
		require.NoError(p.t, (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, paletted(got)))
		require.NoError(p.t, os.WriteFile(path, small.Bytes(), 0o644))
		return
	}
	data, err := os.ReadFile(path)
	require.NoError(p.t, err, "take it with UPDATE_LOOKS=1, and look at it")
	want, err := png.Decode(bytes.NewReader(data))
	require.NoError(p.t, err)
	const tolerance = 0.04
	if d := difference(want, got); d > tolerance {
		screenshot(p.t, p.ctx, "looks-"+name)
		p.t.Errorf("%s looks different: %.1f %% of it; the picture taken is in artifacts/screenshots/looks-%s.png", name, 100*d, name)
	}
}

// paletted is a picture in its 256 commonest colours, which takes a third of the space.
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

// cell is the side of the squares that are compared by their mean colour, in pixels: the strokes of letters average out.
const cell = 8

// stripe is the height of what is compared by itself, in pixels: on a long page, one lost line is little of the whole.
const stripe = 15 * cell

// difference is the share of squares that differ plainly in the stripe that differs most; 1 for pictures of quite another
// size.
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

// The comparison sees what a person would see.
func TestDifference(t *testing.T) {
	plain := func(change func(*image.NRGBA)) image.Image {
		m := image.NewNRGBA(image.Rect(0, 0, 320, 320))
		for i := range m.Pix {
			m.Pix[i] = 255
		}
		if change != nil {
			change(m)
		}
		return m
	}
	line := plain(func(m *image.NRGBA) { // of small letters
		for y := 100; y < 116; y++ {
			for x := range 160 {
				if x%2 == 0 {
					m.Set(x, y, color.Black)
				}
			}
		}
	})
	dot := plain(func(m *image.NRGBA) { m.Set(5, 5, color.Black) })
	assert.Zero(t, difference(plain(nil), plain(nil)))
	assert.Zero(t, difference(plain(nil), dot), "a pixel here and there")
	assert.Greater(t, difference(plain(nil), line), 0.04)
	assert.EqualValues(t, 1, difference(plain(nil), image.NewNRGBA(image.Rect(0, 0, 320, 640))))
}

// The banner lies in the page of e-Tax, and has to be accessible too.
func TestTheBannerIsAccessible(t *testing.T) {
	b := startBrowser(t, setup{noBridge: true, hasty: true, open: true, path: "/login?deaf"})
	b.press()
	b.waitForBanner("拡張機能")
	requireAccessible(t, b.ctx)
}

// At 200 % on a narrow window nothing lies beyond its edge.
func TestNothingIsCutOffWhenEnlarged(t *testing.T) {
	pcsctest.Start(t, readerName)
	b := startBrowser(t, setup{manifest: registered()})
	for _, width := range []int64{360, 180} {
		p := b.pageOf("report", width, false)
		assert.Equal(t, "true", p.evaluate(`String(document.documentElement.scrollWidth <= innerWidth)`), "at %d pixels", width)
	}
}

// While findings arrive, nothing that can be seen jumps: 0.1 is what counts as good (web.dev/cls).
func TestNothingJumps(t *testing.T) {
	insert(t, expired)
	b := startBrowser(t, setup{manifest: registered()})
	for _, page := range []string{"", "report"} {
		p := b.pageOf(page, 800, false)
		shift, err := chromedp.Run(p.ctx, chromedp.Evaluate[float64](`new Promise((done) => {
			let all = 0;
			new PerformanceObserver((list) => { for (const shift of list.getEntries()) all += shift.value; }).observe({type: "layout-shift", buffered: true});
			let frames = 10;
			const next = () => (frames-- > 0 ? requestAnimationFrame(next) : done(all));
			next();
		})`, chromedp.EvalAwaitPromise))
		require.NoError(t, err)
		assert.Less(t, shift, 0.1, page)
	}
}
