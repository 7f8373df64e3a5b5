//go:build linux && cgo

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"image/png"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks"
	"etax-doctor/checks/simulate"
	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/virtualcard"
	"etax-doctor/host/e2e/harness"
	"etax-doctor/host/report"
	"etax-doctor/host/texts"
	"etax-doctor/host/version"
	"etax-doctor/manifests"
)

// longAgo is a fixed date in the past, so that a picture does not depend on the day on which it is taken.
var longAgo = time.Date(2025, 5, 5, 14, 59, 59, 0, time.UTC)

func expired(p *virtualcard.Profile) { p.Issuance.NotAfter = longAgo }

// TestScreenshots compares the pages with pictures that a person has approved, in both themes, and checks axe-core's rules of
// accessibility: in both themes, at 200 %, and in the system's own colours. With -short,
// some of the pages, in Japanese, in the light theme and at 100 % alone.
func TestScreenshots(t *testing.T) {
	type shot struct {
		name     string
		setup    harness.Setup
		machine  string // a simulated one
		card     func(*virtualcard.Profile)
		noCard   bool
		before   func(*harness.Browser)
		page     string
		width    int64
		expected string
		spoken   bool // compare what a screen reader says, too
		english  bool // in English, too
		full     bool // only without -short
	}
	registered := harness.Setup{Manifest: harness.Registered()}
	for _, c := range []shot{
		{name: "popup-expired", setup: registered, card: expired, expected: "certificate.expired", spoken: true, english: true},
		{name: "popup-no-card", setup: registered, noCard: true, expected: "card.absent", spoken: true, english: true},
		{name: "popup-fine", setup: registered, expected: "verdict.all-fine", spoken: true, english: true},
		{name: "popup-first-run", setup: harness.Setup{}, expected: "host.not-found", spoken: true, english: true},
		{name: "popup-two-tabs", setup: registered, before: func(b *harness.Browser) { b.Open(harness.LoginPage) }, expected: "session.duplicate-tabs", english: true, full: true},
		{name: "popup-message", setup: registered, before: refuse, expected: "symptom.app-no-answer", english: true},
		{name: "popup-qr", setup: harness.Setup{Manifest: harness.Registered(), Path: harness.FormsPage + "csw0100_myno_qr"}, noCard: true, expected: "session.qr"},
		{name: "popup-corporate", setup: harness.Setup{Manifest: harness.Registered(), Path: "/login/reception/loginCorporate"}, noCard: true, expected: "session.corporate", full: true},
		{name: "page-windows-10", machine: "windows-10", page: "report", width: 1100, expected: "system.unsupported-os", english: true, full: true},
		{name: "page-no-reader", machine: "no-reader", page: "report", width: 1100, expected: "reader.none", english: true, full: true},
		{name: "page-expired", setup: registered, card: expired, page: "report", width: 1100, expected: "certificate.expired", english: true},
		{name: "page-no-card", setup: registered, noCard: true, page: "report", width: 360, expected: "card.absent"},
		{name: "page-first-run", setup: harness.Setup{}, page: "report", width: 1100, expected: "host.not-found", full: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.full {
				harness.OnlyInFull(t)
			}
			if c.noCard {
				pcsctest.Start(t, harness.ReaderName)
			} else if c.machine == "" {
				harness.Insert(t, c.card)
			}
			b := harness.StartBrowser(t, c.setup)
			if c.before != nil {
				c.before(b)
			}
			for _, language := range []string{"ja", "en"} {
				if language == "en" && (!c.english || testing.Short()) {
					break
				}
				if c.machine != "" {
					harness.Register(t, b.Folder, *simulated(t, c.machine, language))
				}
				b.InWorker(`chrome.storage.local.set({language: "` + language + `"})`)
				p := b.PageOf(c.page, c.width, false)
				require.Equal(t, c.expected, p.Code())
				if c.page == "report" && c.setup.Manifest != nil {
					p.WaitUntilSettled()
				}
				if c.page == "" {
					assert.Equal(t, "true", p.Evaluate(`String(document.body.getBoundingClientRect().bottom <= 600)`), "browsers show no more of a popup")
				}
				name := c.name + "-" + language
				p.RequireAccessible()
				p.Compare(name)
				if !testing.Short() {
					p.Emulate(harness.Look{Dark: true})
					p.RequireAccessible()
					p.Compare(name + "-dark")
					p.Emulate(harness.Look{Forced: true})
					p.RequireAccessible()
					p.Emulate(harness.Look{})
					require.NoError(t, chromedp.Do(p.Ctx, chromedp.EmulateViewport(max(c.width, 380)/2, 300, chromedp.EmulateScale(2))))
					p.RequireAccessible()
				}
				if c.spoken && language == "ja" {
					p.CompareSpoken(c.name)
				}
				require.NoError(t, chromedp.Do(p.Ctx, chromedp.Evaluate[chromedp.Void](`window.close()`))) // one page watches at a time
			}
		})
	}
}

// refuse plays a login that the bridge's app does not answer.
func refuse(b *harness.Browser) {
	b.Press()
	b.InPage(`document.dispatchEvent(new CustomEvent("recvMsg", {detail: '{"mode":"01","result":"1","errcode":"EW044-C300"}'}))`)
	b.WaitForState("failed")
}

// simulatedReport is what the host says of a simulated machine, on a day in the season of 令和7年分.
func simulatedReport(t *testing.T, machine, language string) *report.Report {
	t.Helper()
	now := time.Date(2026, 3, 3, 3, 0, 0, 0, time.UTC)
	m, _, ok := simulate.New(machine, now)
	require.True(t, ok)
	catalog, err := texts.Load(language)
	require.NoError(t, err)
	r := report.OnScreen(checks.Run(t.Context(), m, checks.Options{}), catalog, now)
	r.Simulated = ""
	return r
}

// simulated is a host that has checked a simulated machine.
func simulated(t *testing.T, machine, language string) *manifests.Host {
	t.Helper()
	answer, err := json.Marshal(map[string]any{"type": "report", "id": "1", "report": simulatedReport(t, machine, language)})
	require.NoError(t, err)
	return says(t, version.Protocol, string(answer))
}

// drawAnswers is a script that draws answers with the popup's own parts, one after another, and returns how far down the
// elements of a selector reach, by name. outcomes is a script: an async generator of names, findings and verdicts.
func drawAnswers(selector, outcomes string) string {
	return `(async () => {
		const [{ Answer }, { Catalog }, { Texts }, { verdict, asWarning, isSymptom }] =
			await Promise.all(["./answer.js", "../shared/catalog.js", "../shared/texts.js", "../shared/verdict.js"].map((path) => import(path)));
		const catalog = await Catalog.load();
		const texts = await Texts.load(catalog);
		const place = document.getElementById("answer");
		const bottoms = {};
		for (const [name, outcome] of (` + outcomes + `)()) {
			place.replaceChildren();
			new Answer(place, catalog, texts, () => {}).show({ host: null, before: [], ...outcome });
			bottoms[name] = Math.max(...[...document.querySelectorAll("` + selector + `")].map((e) => e.getBoundingClientRect().bottom));
		}
		return bottoms;
	})()`
}

// Browsers show 600 pixels of a popup: all of an answer is in them, and below a message of e-Tax's the answer and what to press.
func TestThePopupFits(t *testing.T) {
	for _, language := range []string{"ja", "en"} {
		reports := map[string]*report.Report{}
		for _, machine := range simulate.Names() {
			reports[machine] = simulatedReport(t, machine, language)
		}
		data, err := json.Marshal(reports)
		require.NoError(t, err)
		machines := func(seen string) string {
			return `function* () {
				for (const [name, report] of Object.entries(` + string(data) + `)) yield [name, { ...verdict([...` + seen + `, ...report.findings], catalog), host: report }];
			}`
		}
		// Those whose texts are the extension's own.
		const verdicts = `function* () {
			const args = { name: "uBlock Origin Lite", version: "1.0.0", errcode: "EW044-C300", kind: "cookies", count: "12" };
			for (const code of catalog.entries.keys()) {
				let main = catalog.finding(code, "failure", args);
				if (catalog.of(main).fine || texts.title(main) === texts.text("unknown_code_title", { code, layer: texts.layer(main.layer) })) continue;
				if (isSymptom(main)) main = asWarning(main, catalog);
				yield [code, { verdict: main, findings: [main] }];
			}
		}`
		p := harness.StartBrowser(t, harness.Setup{Language: language}).PageOf("", 0, false)
		for _, drawn := range []struct {
			selector, outcomes string
			least              int
		}{
			{"body", machines(`[]`), 20},
			{"#title, #main:not([hidden]), #repairs button", machines(`[catalog.finding("symptom.app-no-answer", "info", { errcode: "EW044-C300" })]`), 20},
			{"body", verdicts, 40},
		} {
			bottoms, err := chromedp.Run(p.Ctx, chromedp.Evaluate[map[string]float64](drawAnswers(drawn.selector, drawn.outcomes), chromedp.EvalAwaitPromise))
			require.NoError(t, err)
			assert.GreaterOrEqual(t, len(bottoms), drawn.least)
			for name, bottom := range bottoms {
				assert.LessOrEqual(t, bottom, 600.0, "%s in %s, %s", name, language, drawn.selector)
			}
		}
	}
}

// What to do with a missing card fits below the answer, unfolded.
func TestWhatToDoFits(t *testing.T) {
	b := harness.StartBrowser(t, harness.Setup{Manifest: simulated(t, "no-card", "ja")})
	assert.Equal(t, "true", b.PageOf("", 0, false).Evaluate(`String(document.getElementById("steps").checkVisibility())`))
}

// The banner is part of the e-Tax page, and has to be accessible too.
func TestTheBannerIsAccessible(t *testing.T) {
	b := harness.StartBrowser(t, harness.Setup{NoBridge: true, Deadlines: harness.Soon, Open: true, Path: "/login?deaf"})
	b.Press()
	b.WaitForBanner("拡張機能")
	p := &harness.Popup{T: t, Ctx: b.Ctx}
	for name, width := range map[string]int64{"banner": 1100, "banner-narrow": 360} {
		require.NoError(t, chromedp.Do(b.Ctx, chromedp.EmulateViewport(width, 300)))
		for dark, suffix := range map[bool]string{false: "", true: "-dark"} {
			p.Emulate(harness.Look{Dark: dark})
			p.RequireAccessible()
			p.Compare(name + suffix)
		}
	}
}

// At 200 % in a narrow window, nothing is beyond the window's edge.
func TestNothingIsCutOffWhenEnlarged(t *testing.T) {
	harness.OnlyInFull(t)
	pcsctest.Start(t, harness.ReaderName)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	for _, width := range []int64{360, 180} {
		p := b.PageOf("report", width, false)
		assert.Equal(t, "true", p.Evaluate(`String(document.documentElement.scrollWidth <= innerWidth)`), "at %d pixels", width)
	}
}

// While findings arrive, nothing visible jumps: a layout shift of up to 0.1 counts as good (web.dev/cls).
func TestNothingJumps(t *testing.T) {
	harness.OnlyInFull(t)
	harness.Insert(t, expired)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	for _, name := range []string{"", "report"} {
		p := b.PageOf(name, 800, false)
		shift, err := chromedp.Run(p.Ctx, chromedp.Evaluate[float64](`new Promise((done) => {
			let all = 0;
			new PerformanceObserver((list) => { for (const shift of list.getEntries()) all += shift.value; }).observe({type: "layout-shift", buffered: true});
			let frames = 10;
			const next = () => (frames-- > 0 ? requestAnimationFrame(next) : done(all));
			next();
		})`, chromedp.EvalAwaitPromise))
		require.NoError(t, err)
		assert.Less(t, shift, 0.1, name)
	}
}

// On paper are what to do, what to bring, whom to ask and what to say, and nothing that only works on the screen.
func TestThePageOnPaper(t *testing.T) {
	harness.OnlyInFull(t)
	harness.Insert(t, expired)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	p := b.PageOf("report", 800, false)
	p.WaitUntilSettled()
	p.Emulate(harness.Look{Print: true})
	require.NoError(t, chromedp.Do(p.Ctx, chromedp.EmulateViewport(800, 1400))) // a page of A4
	p.Compare("paper-expired-ja")
	seen := func(selector string) string {
		return p.Evaluate(`[...document.querySelectorAll("` + selector + `")].filter((e) => e.checkVisibility()).map((e) => e.innerText).join("\n")`)
	}
	for selector, text := range map[string]string{"#title": "有効期限", "#steps": "市区町村の窓口", "#bring": "マイナンバーカード", "#ways": "紙で出す", "#say": "certificate.expired", "body": "0120-95-0178"} {
		assert.Contains(t, seen(selector), text)
	}
	assert.Empty(t, seen("button, textarea, #live, #findings"))
}

// A print may be shown to others, so the day that may be a birthday is not on it; afterwards it is on the screen again. On the
// page of companies, the expired certificate stands beside the verdict.
func TestTheBirthdayIsNotOnPaper(t *testing.T) {
	end := planted.end.AddDate(-3, 0, 0)
	harness.Insert(t, func(p *virtualcard.Profile) { p.Issuance.NotAfter = end })
	for _, path := range []string{"", "/login/reception/loginCorporate"} {
		b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Path: path})
		p := b.PageOf("report", 800, false)
		require.Contains(t, p.Evaluate(`document.querySelector("main").innerText`), "8月29日")
		p.Emulate(harness.Look{Print: true})
		p.Do(`addEventListener("beforeprint", () => { window.printed = document.querySelector("main").innerText; })`)
		require.NoError(t, chromedp.Do(p.Ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, page.PrintToPDF, page.PrintToPDFParams{})
			return err
		})))
		printed := p.Evaluate(`window.printed ?? ""`)
		assert.Contains(t, printed, strconv.Itoa(end.Year())+"年まで")
		for _, personal := range planted.written {
			assert.NotContains(t, printed, personal)
		}
		assert.Contains(t, p.Evaluate(`document.querySelector("main").innerText`), "8月29日")
	}
}

// The stores want pictures of 1280 × 800 pixels; they are taken from the real extension, into artifacts/screenshots.
func TestPicturesForTheStores(t *testing.T) {
	harness.OnlyInFull(t)
	harness.Insert(t, expired)
	for _, language := range []string{"ja", "en"} {
		b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Language: language})
		p := b.PageOf("report", 1280, false)
		require.NoError(t, chromedp.Do(p.Ctx, chromedp.EmulateViewport(1280, 800)))
		p.Screenshot("store-" + language)
		shot, err := os.ReadFile("../../artifacts/screenshots/store-" + language + ".png")
		require.NoError(t, err)
		picture, err := png.DecodeConfig(bytes.NewReader(shot))
		require.NoError(t, err)
		assert.Equal(t, []int{1280, 800}, []int{picture.Width, picture.Height})
	}
}
