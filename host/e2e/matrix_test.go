//go:build linux && cgo

package e2e

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/finding"
	"etax-doctor/checks/smartcard/virtualcard"
	"etax-doctor/host/e2e/harness"
)

// deadline is how long a person waits for an answer.
const deadline = 10 * time.Second

// sceneResult is the result of a scene.
type sceneResult struct {
	given    string        // the code that was shown first; "" if none was shown
	command  string        // the code from the command line, if it was run
	started  bool          // it was not left out by -run, and its browser or Windows has started
	done     bool          // there was an answer
	answered time.Duration // from the press of the button to the answer
	verifies int           // VERIFY commands with data that the cards received from us
	personal []string      // personal data that was shown, saved or logged
}

// secrets are the personal data in every scene: from the certificate, the reader's name, and the messages between the
// page, the site and the bridge.
var secrets = []string{"EMULATE", "Mihon", "07654321", "1234567", "PLANTED"}

// TestMatrix plays every scene of testdata/scenes with the real parts, and compares the code that is shown first with the
// expected one. With MATRIX (make matrix) it prints the table. With -short (make test), it leaves out the scenes that are marked,
// and what the command line can show is played there alone.
func TestMatrix(t *testing.T) {
	scenes := readScenes(t)
	results := map[string]*sceneResult{}
	for _, s := range scenes {
		results[s.name] = &sceneResult{}
	}
	played := slices.DeleteFunc(slices.Clone(scenes), func(s *scene) bool { return s.Full && testing.Short() })
	linux, windows := groupScenes(played)
	for _, group := range linux {
		t.Run(group[0].groupName(), func(t *testing.T) {
			sceneApp(t, group[0].App)
			if testing.Short() {
				group = slices.DeleteFunc(group, func(s *scene) bool {
					if s.withoutBrowser() {
						t.Run(filepath.Base(s.name), func(t *testing.T) { s.playAlone(t, results[s.name]) })
					}
					return s.withoutBrowser()
				})
			}
			for _, s := range group {
				t.Run(filepath.Base(s.name), func(t *testing.T) {
					cards := s.bench(t)
					b := harness.StartBrowser(t, s.setup(t))
					results[s.name].started = true
					s.play(t, b, cards, results[s.name])
				})
			}
		})
	}
	t.Run("windows", func(t *testing.T) {
		w := startWine(t)
		for _, group := range windows {
			t.Run(group[0].groupName(), func(t *testing.T) { playInWine(t, w, group, results) })
		}
	})
	printMatrix(t, scenes, results)
}

// play plays a scene in the browser and, if the browser has no part in it, on the command line too.
func (s *scene) play(t *testing.T, b *harness.Browser, cards []*virtualcard.Card, p *sceneResult) {
	defer func() { p.verifies = countVerifyWithData(cards) }() // also for a scene without an answer
	s.show(b)
	start := time.Now()
	var seen string
	if s.attempt() {
		p.given, seen = s.logIn(b)
	} else {
		p.given, seen = s.ask(b)
	}
	p.answered, p.done = time.Since(start), true
	assert.Equal(t, s.Want.Verdict, p.given, "%s\n%s", s.About, seen)
	assert.Contains(t, seen, s.Want.Says)
	log, err := os.ReadFile(filepath.Join(b.HostState(), "host.log"))
	if !errors.Is(err, fs.ErrNotExist) { // in some scenes no host is started
		require.NoError(t, err)
	}
	kept, err := chromedp.Run(b.Worker(), chromedp.Evaluate[string](`Promise.all([chrome.storage.session.get(null), chrome.storage.local.get(null)]).then(JSON.stringify)`, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	said := map[string]string{"what was said": seen, "the log": string(log), "what is kept": kept}
	if s.machineOnly() {
		require.NotEmpty(t, log)
		p.command = s.command(t, said)
	}
	if s.Want.Untouched {
		for _, c := range cards {
			assert.Empty(t, c.Record(), "the card was touched")
		}
	}
	p.personal = leaks(said, b.Folder)
	assert.Zero(t, countVerifyWithData(cards))
	assert.Empty(t, p.personal)
}

// playAlone plays a scene on the command line only.
func (s *scene) playAlone(t *testing.T, p *sceneResult) {
	p.started = true
	cards := s.bench(t)
	said := map[string]string{}
	start := time.Now()
	p.given = s.command(t, said)
	p.answered, p.done, p.verifies, p.personal = time.Since(start), true, countVerifyWithData(cards), leaks(said)
	assert.Zero(t, p.verifies)
	assert.Empty(t, p.personal)
}

func leaks(said map[string]string, more ...string) (found []string) {
	for where, text := range said {
		for _, secret := range append(more, secrets...) {
			if strings.Contains(text, secret) {
				found = append(found, fmt.Sprintf("%s in %s", secret, where))
			}
		}
	}
	return found
}

// show brings the browser into the state in which the person presses the button.
func (s *scene) show(b *harness.Browser) {
	b.T.Helper()
	if s.Browser.Bridge == "off" {
		b.InWorker(`chrome.management.setEnabled("` + harness.BridgeID + `", false)`)
	}
	if s.Browser.Brand != "" {
		b.InWorker(`Object.defineProperty(navigator, "userAgentData", {value: {brands: [{brand: "Chromium"}, {brand: "` + s.Browser.Brand + `"}], platform: "Linux"}})`)
	}
	if s.Browser.Incognito {
		return
	}
	if s.changesBefore() {
		require.NoError(b.T, chromedp.Do(b.Ctx, chromedp.Navigate(harness.Address(s.Page)), chromedp.WaitVisible(chromedp.CSS("body"))))
		b.WaitUntilWatched()
	}
	for _, tab := range s.Browser.Tabs {
		b.Open(tab)
	}
	if s.Browser.Back {
		navigateAndGoBack(b)
	}
}

// navigateAndGoBack goes to another page and back.
func navigateAndGoBack(b *harness.Browser) {
	b.T.Helper()
	require.NoError(b.T, chromedp.Do(b.Ctx, chromedp.Navigate("https://"+harness.LoginHost+"/number"), chromedp.WaitVisible(chromedp.CSS("body"))))
	// The browser may restore the page from its back/forward cache: then there is no load event to wait for.
	_, _ = chromedp.Run(b.Ctx, chromedp.Evaluate[chromedp.Void](`history.back()`))
	require.Eventually(b.T, func() bool {
		ctx, cancel := context.WithTimeout(b.Ctx, time.Second)
		defer cancel()
		at, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href`))
		return err == nil && at == harness.LoginPage
	}, harness.Timeout, harness.Poll)
}

// ask presses our icon, and returns the verdict's code and all that is on the popup.
func (s *scene) ask(b *harness.Browser) (code, seen string) {
	b.T.Helper()
	var p, full *harness.Popup
	switch {
	case s.Browser.Incognito:
		b.AllowIncognito()
		p = b.ReportOnIncognitoTab()
	case s.Browser.Tabs != nil || s.Browser.Back || s.Browser.Brand != "": // another tab may be in front
		p = b.Report("loginIndividual")
		full = p
	default:
		p = b.PressIcon()
	}
	code, seen = p.Code(), p.Evaluate(`document.documentElement.outerHTML`)
	if s.Want.Finding != "" {
		if full == nil {
			full = p.Full(b)
		}
		assert.Equal(b.T, s.Want.Status, full.Finding(s.Want.Finding), s.Want.Finding)
		seen += full.Evaluate(`document.documentElement.outerHTML`)
	}
	if s.Want.Broken != "" {
		assert.Equal(b.T, s.Want.Broken, p.Broken())
	}
	return code, seen
}

// logIn presses the page's card button, where it has one, and returns the code that the banner names and its text.
func (s *scene) logIn(b *harness.Browser) (code, seen string) {
	b.T.Helper()
	if s.Login != "" {
		b.Press()
	}
	if s.Want.Verdict != "" {
		b.WaitUntil(func() bool { return b.Banner() != "" }, "no banner")
		assert.Equal(b.T, "!", b.Badges())
	}
	b.WaitForState(s.Want.State)
	if s.Want.State == "pressed" { // nothing comes of it, also later
		b.InPage(`new Promise((done) => setTimeout(done, 1000))`)
		b.WaitForState(s.Want.State)
	}
	seen = b.Banner()
	if s.Want.Verdict == "" {
		assert.Empty(b.T, seen)
		assert.Empty(b.T, b.Badges())
	} else {
		s.openAfterBanner(b, seen)
	}
	// A second code in the same attempt would be wrong.
	return strings.Join(b.Attempt().Announced, ", "), seen
}

// openAfterBanner opens the page to which the banner leads: it has to say the same, first.
func (s *scene) openAfterBanner(b *harness.Browser, banner string) {
	b.T.Helper()
	p := b.PressIcon()
	first := p.Evaluate(`[...document.querySelectorAll("#answer :is(h1, h2)")].find((heading) => heading.checkVisibility()).innerText`)
	assert.True(b.T, strings.HasPrefix(banner, first), "the banner says %s, and the page %s", banner, first)
	assert.Equal(b.T, s.Want.Apart, p.Text("lead") != "", "the verdict is a second thing")
	if s.Want.Broken != "" {
		assert.Equal(b.T, s.Want.Broken, p.Broken())
	}
	require.NoError(b.T, chromedp.Do(p.Ctx, chromedp.Evaluate[chromedp.Void](`window.close()`)))
}

// reported is the part of a JSON report that scenes compare.
type reported struct {
	Verdict  struct{ Code string }
	Findings []finding.Finding
	Facts    json.RawMessage
}

// check compares a report with what the scene expects.
func (r reported) check(t *testing.T, s *scene) {
	t.Helper()
	assert.Equal(t, s.Want.Verdict, r.Verdict.Code, "%s\n%s", s.About, r.Facts)
	about := cmp.Or(s.Want.Finding, s.Want.Verdict)
	if s.Want.Finding == "" && s.Want.Args == nil {
		return
	}
	i := slices.IndexFunc(r.Findings, func(f finding.Finding) bool { return string(f.Code) == about })
	require.GreaterOrEqual(t, i, 0, "%s is not there", about)
	if s.Want.Finding != "" {
		assert.Equal(t, s.Want.Status, string(r.Findings[i].Status), about)
	}
	for name, value := range s.Want.Args {
		assert.Equal(t, value, r.Findings[i].Args[name], name)
	}
}

// command runs the command line, which has to give the same result as the browser.
func (s *scene) command(t *testing.T, said map[string]string) string {
	t.Helper()
	out, err := exec.Command(harness.HostProgram, "check", "--json", "--browser", "chromium").Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	said["the command line's report"] = string(out)
	saved, err := exec.Command(harness.HostProgram, "report").Output()
	if !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	require.NotEmpty(t, saved)
	said["the record for the help desk"] = string(saved)
	var r reported
	require.NoError(t, json.Unmarshal(out, &r), string(out))
	r.check(t, s)
	return r.Verdict.Code
}

// playInWine runs the Windows program on scenes with the same readers and cards, in one session of Windows.
func playInWine(t *testing.T, w *wine, group []*scene, results map[string]*sceneResult) {
	for _, s := range group {
		results[s.name].started = true
	}
	cards := group[0].bench(t)
	w.Reinstall()
	w.Boot()
	var script strings.Builder
	run := func() {
		w.Must("set -e; cd " + filepath.Dir(w.Program) + "\n" + script.String())
		script.Reset()
	}
	var before []string
	for i, s := range group {
		m := s.Windows.machine(t)
		drive := filepath.Join(w.Shared, fmt.Sprint("drive", i))
		require.NoError(t, os.RemoveAll(drive))
		m.writeFiles(t, drive)
		file, keys := m.registryFile(t, before)
		before = keys
		w.write(fmt.Sprintf("scene%d.reg", i), file)
		// The import fails if it cannot read a line.
		fmt.Fprintf(&script, "rm -rf prefix/drive_c/MPA prefix/drive_c/JPKI; cp -r drive%[1]d/. prefix/drive_c/; wine64 reg import scene%[1]d.reg >/dev/null 2>&1\n", i)
		if i == 0 { // Windows reads its version and its services at its start
			run()
			w.Reboot()
		}
		fmt.Fprintf(&script, "date +%%s%%N >from%[1]d; wine64 etax-doctor.exe check --json --browser %[2]s >out%[1]d.json 2>/dev/null || true; date +%%s%%N >to%[1]d\n", i, s.Windows.Browser)
	}
	run()
	verifies := countVerifyWithData(cards)
	assert.Zero(t, verifies)
	for i, s := range group {
		t.Run(filepath.Base(s.name), func(t *testing.T) {
			read := func(format string) string {
				data, err := os.ReadFile(filepath.Join(w.Shared, fmt.Sprintf(format, i)))
				require.NoError(t, err)
				return strings.TrimSpace(string(data))
			}
			from, err := strconv.ParseInt(read("from%d"), 10, 64)
			require.NoError(t, err)
			to, err := strconv.ParseInt(read("to%d"), 10, 64)
			require.NoError(t, err)
			out := read("out%d.json")
			var r reported
			require.NoError(t, json.Unmarshal([]byte(out), &r), out)
			p := results[s.name]
			p.given, p.answered, p.done = r.Verdict.Code, time.Duration(to-from), true
			p.personal = leaks(map[string]string{"the command line's report": out})
			if i == 0 {
				p.verifies = verifies
			}
			r.check(t, s)
			assert.Empty(t, p.personal)
		})
	}
}

// countVerifyWithData counts the VERIFY commands with data that the cards have received.
func countVerifyWithData(cards []*virtualcard.Card) (n int) {
	for _, c := range cards {
		for _, command := range c.Record() {
			if len(command) > 4 && command[1] == 0x20 {
				n++
			}
		}
	}
	return n
}

// printMatrix prints the table and its totals. A scene without an answer counts as late and as wrong.
func printMatrix(t *testing.T, scenes []*scene, results map[string]*sceneResult) {
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "scene\texpected\tgiven\tseconds\t")
	var asked, right, healthy, alarms, late, verifies, personal int
	var slowest time.Duration
	for _, s := range scenes {
		p := results[s.name]
		if !p.started {
			fmt.Fprintf(w, "%s\t%s\tnot played\t\t\n", s.name, said(s.Want.Verdict))
			continue
		}
		asked++
		given, marks := said(p.given), ""
		if p.command != "" && p.command != p.given {
			given += ", command line: " + p.command
		}
		switch {
		case !p.done:
			given, marks = "", "NO ANSWER "
		case given == said(s.Want.Verdict):
			right++
		default:
			marks = "WRONG "
		}
		if s.Healthy {
			healthy++
			if isAlarm(p.given) || isAlarm(p.command) {
				alarms++
				marks += "FALSE ALARM "
			}
		}
		if !p.done || p.answered > deadline {
			late++
			marks += "LATE "
		}
		slowest = max(slowest, p.answered)
		verifies += p.verifies
		personal += len(p.personal)
		fmt.Fprintf(w, "%s\t%s\t%s\t%.2f\t%s\n", s.name, said(s.Want.Verdict), given, p.answered.Seconds(), marks)
	}
	w.Flush()
	if os.Getenv("MATRIX") == "" {
		return
	}
	fmt.Print(table.String())
	fmt.Printf("\n%d scenes of %d played: %d right (%.1f %%); %d healthy ones, %d false alarms; %d without an answer in %s, the slowest took %.1f s;\n"+
		"VERIFY commands with data: %d; personal data found: %d times.\n", asked, len(scenes), right, 100*float64(right)/float64(max(asked, 1)), healthy, alarms, late, deadline, slowest.Seconds(), verifies, personal)
	assert.Zero(t, late, "without an answer in %s", deadline) // other tests check no times
}

func isAlarm(code string) bool {
	entry, _ := finding.Lookup(finding.Code(code))
	return code != "" && !strings.HasPrefix(code, "verdict.") && !entry.Fine()
}

func said(code string) string {
	if code == "" {
		return "(silence)"
	}
	return code
}
