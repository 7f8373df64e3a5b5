//go:build linux && cgo

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks"
	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/virtualcard"
	"etax-doctor/host/cli"
	"etax-doctor/manifests"
)

// text is the visible text of an element of the page.
func (p *popup) text(id string) string {
	p.t.Helper()
	return p.evaluate(`document.getElementById("` + id + `").innerText`)
}

// until waits for a text in an element.
func (p *popup) until(id, text string) {
	p.t.Helper()
	require.Eventually(p.t, func() bool { return strings.Contains(p.text(id), text) }, patience, step, "no %q in %s", text, id)
}

func (p *popup) do(script string) {
	p.t.Helper()
	require.NoError(p.t, chromedp.Do(p.ctx, chromedp.Evaluate[chromedp.Void](`{`+script+`}`)))
}

// A card that is put down is seen at once; the check runs by itself, and says what has changed.
func TestTheFullPageSeesTheCardComing(t *testing.T) {
	d := pcsctest.Start(t, readerName)
	p := startBrowser(t, setup{manifest: registered()}).report("login")
	require.Equal(t, "card.absent", p.code())
	p.until("live", "SONY FeliCa RC-S300/P")
	require.NoError(t, chromedp.Do(p.ctx, chromedp.Poll[chromedp.Void](`document.getElementById("live").dataset.settled`, chromedp.WithPollingTimeout(patience))))
	card := virtualcard.New(virtualcard.Healthy(time.Now()))
	d.Insert(t, 0, card)
	p.until("live", "カードが置かれました")
	p.until("title", "悪いところは見つかりませんでした")
	p.until("changes-list", "カード：問題あり → 正常")
	requireNoPINData(t, card)
}

// A card that comes while a check is under way is not lost, and our own reading is no other program's.
func TestACardThatComesDuringACheck(t *testing.T) {
	d := pcsctest.Start(t, readerName)
	b := startBrowser(t, setup{manifest: registered()})
	p := b.report("login")
	p.until("live", "SONY FeliCa RC-S300/P")
	require.NoError(t, chromedp.Do(p.ctx, chromedp.Poll[chromedp.Void](`document.getElementById("live").dataset.settled`, chromedp.WithPollingTimeout(patience))))
	profile := virtualcard.Healthy(time.Now())
	profile.Delay = 250 * time.Millisecond
	p.do(`new MutationObserver(() => { if (live.innerText.includes("ほかのプログラム")) live.dataset.other = "seen" }).observe(document.getElementById("live"), {subtree: true, childList: true, characterData: true})`)
	p.do(`document.getElementById("again").click()`)
	d.Insert(t, 0, virtualcard.New(profile))
	p.until("title", "悪いところは見つかりませんでした")
	p.do(`document.getElementById("again").click()`)
	p.until("title", "調べています")
	p.until("title", "悪いところは見つかりませんでした")
	assert.Contains(t, p.text("live"), "カードが置かれました")
	assert.Equal(t, "undefined", p.evaluate(`String(document.getElementById("live").dataset.other)`))
}

// Without a reader the page says just that, and not that the program is missing.
func TestTheFullPageWithoutAReader(t *testing.T) {
	pcsctest.Start(t)
	p := startBrowser(t, setup{manifest: registered()}).report("login")
	require.Equal(t, "reader.none", p.code())
	p.until("live", "カードリーダーは見つかっていません")
}

// What was wrong counts as solved only where it could be seen again.
func TestTheGuideDoesNotCallSolvedWhatIsHidden(t *testing.T) {
	d := pcsctest.Start(t, readerName)
	remove := d.Insert(t, 0, virtualcard.New(expiredProfile()))
	b := startBrowser(t, setup{manifest: registered(), noBridge: true})
	p := b.report("login")
	require.Equal(t, "certificate.expired", p.code())
	p.until("live", "カードが置かれました")
	remove()
	p.until("live", "離れました")
	p.do(`document.getElementById("guide-done").click()`)
	p.until("title", "カードが置かれていません")
	assert.NotContains(t, p.text("guide-step"), "直りました")
}

func expiredProfile() virtualcard.Profile {
	profile := virtualcard.Healthy(time.Now())
	expired(&profile)
	return profile
}

// After each step the person presses, and it is checked again: the same verdict leads on to the next step.
func TestTheGuideLeadsFromStepToStep(t *testing.T) {
	pcsctest.Start(t, readerName)
	p := startBrowser(t, setup{manifest: registered()}).report("login")
	current := func() string {
		return p.evaluate(`String([...document.querySelectorAll("#steps li")].findIndex((li) => li.ariaCurrent === "step"))`)
	}
	p.until("guide-step", "まず手順1")
	for _, next := range []string{"次は手順2", "次は手順3"} {
		p.do(`document.getElementById("guide-done").click()`)
		p.until("guide-step", next)
	}
	assert.Equal(t, "2", current())
	p.do(`document.getElementById("guide-done").click()`)
	p.until("guide-step", "サポート窓口に見せる記録")
	assert.Equal(t, "-1", current())
}

// What a person pastes is explained first, and looked for.
func TestAReportedMessage(t *testing.T) {
	insert(t, nil)
	p := startBrowser(t, setup{manifest: registered()}).report("login")
	ask := func(words, want string) {
		p.do(`document.getElementById("symptom").value = ` + "`" + words + "`" + `; document.querySelector("#symptom-form button").click()`)
		p.until("symptoms", want)
	}
	ask("エラーコード：ＫＳ－Ｅ１０００１ (PLANTED-WORDS)", "ログインの問題ではありません")
	ask("0x8010000B", "ほかのプログラムがカードを使っている")
	ask("<b>PLANTED-WORDS</b>", "この診断の表にありません")
	assert.NotContains(t, p.evaluate(`document.getElementById("report").value`), "PLANTED")
}

func TestFilters(t *testing.T) {
	pcsctest.Start(t, readerName)
	p := startBrowser(t, setup{manifest: registered()}).report("login")
	shown := func(filter string) string {
		p.do(`document.querySelector('#filter [value="` + filter + `"]').click()`)
		return p.evaluate(`[...document.querySelectorAll("#findings details")].map((d) => d.dataset.code).join(" ")`)
	}
	all := shown("")
	assert.Contains(t, all, "reader.ready")
	assert.Equal(t, "card.absent", shown("failure warning"))
	assert.Contains(t, shown("unknown skipped"), "certificate.valid")
	assert.NotContains(t, shown("unknown skipped"), "card.absent")
	assert.Equal(t, all, shown(""))
}

// The saved report is judged again by the command line, to the same verdict; a page without a host writes one too.
func TestTheSavedReportCanBeJudgedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		setup setup
		want  string
	}{
		"with a host":    {setup{manifest: registered(), noBridge: true}, "extension.bridge-not-on-page"},
		"without a host": {setup{}, "host.not-found"},
	} {
		t.Run(name, func(t *testing.T) {
			insert(t, nil)
			p := startBrowser(t, c.setup).report("login")
			require.Equal(t, c.want, p.code())
			file := filepath.Join(t.TempDir(), "report.json")
			require.NoError(t, os.WriteFile(file, []byte(p.savedReport()), 0o600))
			var out bytes.Buffer
			a := &cli.App{Stdout: &out, Stderr: &out, Getenv: os.Getenv, Now: time.Now, Machine: func() checks.Machine { panic("a replay looks at no machine") }}
			a.Run(t.Context(), []string{"report", "--replay", file, "--lang", "ja"})
			assert.Contains(t, out.String(), "結論: "+c.want)
		})
	}
}

// savedReport is what the page's button saves, and the text it copies.
func (p *popup) savedReport() string {
	p.t.Helper()
	saved, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](`(async () => {
		const [make, press] = [URL.createObjectURL, HTMLAnchorElement.prototype.click];
		let blob;
		URL.createObjectURL = (made) => make.call(URL, blob = made);
		HTMLAnchorElement.prototype.click = () => {};
		document.getElementById("save").click();
		[URL.createObjectURL, HTMLAnchorElement.prototype.click] = [make, press];
		return blob.text();
	})()`, chromedp.EvalAwaitPromise))
	require.NoError(p.t, err)
	return saved
}

// With personal data planted in the card, the reader's name, the person's folder and e-Tax's cookies, none of it is in a
// report, in what the page shows, or in the log.
func TestNothingPersonalInAnyReport(t *testing.T) {
	d := pcsctest.Start(t, "SONY FeliCa RC-S300/P (PLANTED-SERIAL) 00 00")
	profile := virtualcard.Healthy(time.Now())
	profile.Issuance.NotAfter = planted.end
	d.Insert(t, 0, virtualcard.New(profile))
	// Where the program looks for registrations of the bridge, and finds one that is broken.
	person := filepath.Join(t.TempDir(), "PLANTED-PERSON")
	hosts := filepath.Join(person, "chromium", "NativeMessagingHosts")
	require.NoError(t, os.MkdirAll(hosts, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(hosts, "jp.go.cao.mpa.json"), []byte(`{"name":"jp.go.cao.mpa","description":"x","type":"stdio","path":"`+person+`/gone","allowed_origins":["chrome-extension://fjjibalalngebiaophebgkkohaaggphf/"]}`), 0o644))
	t.Setenv("XDG_CONFIG_HOME", person)
	t.Setenv("USER", "PLANTED-PERSON")
	b := startBrowser(t, setup{manifest: registered(), app: accepted})
	b.press()
	b.waitForState("answered")
	p := b.report("login")
	require.Equal(t, "failure", p.finding("app.mynaportal-broken"), "the planted registration was met")
	for what, text := range map[string]string{
		"JSON": p.savedReport(),
		"text": p.evaluate(`document.getElementById("report").value`),
		"page": strings.ReplaceAll(p.evaluate(`document.documentElement.outerHTML`), planted.shown, "the day, on the screen of whose card it is"),
		"log":  b.hostLog(),
	} {
		require.NotEmpty(t, text, what)
		for _, personal := range append([]string{"PLANTED", "EMULATE", "Mihon", "07654321", b.folder}, planted.written...) {
			assert.NotContains(t, text, personal, what)
		}
	}
}

// planted is the end of a certificate, a birthday, in the ways in which it could be written.
var planted = struct {
	end     time.Time
	shown   string // in Japanese
	written []string
}{
	time.Date(time.Now().Year()+2, 8, 29, 23, 59, 59, 0, time.FixedZone("JST", 9*60*60)),
	fmt.Sprintf("%d年8月29日", time.Now().Year()+2),
	[]string{"-08-29", "08/29", "8月29日", "29 August", "August 29", "T14:59:59", "29日", "daysLeft"},
}

// The day on which the certificate ends is on the person's screen, and in nothing that may be kept or sent.
func TestTheBirthdayIsOnTheScreenAlone(t *testing.T) {
	insert(t, func(p *virtualcard.Profile) { p.Issuance.NotAfter = planted.end })
	folder := t.TempDir()
	outputs := map[string]string{}
	for name, args := range map[string][]string{
		"check, not on a terminal": {"check", "--verbose", "--lang", "ja"},
		"check --json":             {"check", "--json", "--lang", "ja"},
		"report":                   {"report", "--lang", "ja"},
		"report --json":            {"report", "--json", "--lang", "en", "--output", filepath.Join(folder, "report.json")},
		"log":                      {"check", "--log-format", "json", "--lang", "ja"},
		"log as text":              {"check", "--log-format", "text", "--lang", "ja"},
	} {
		out, err := exec.Command(hostProgram, args...).CombinedOutput()
		require.NoError(t, err, "%s: %s", name, out)
		outputs[name] = string(out)
	}
	saved, err := os.ReadFile(filepath.Join(folder, "report.json"))
	require.NoError(t, err)
	outputs["report --json"] = string(saved)
	out, err := exec.Command(hostProgram, "check", "--json", "--lang", "ja", "--replay", filepath.Join(folder, "report.json")).CombinedOutput()
	require.NoError(t, err, string(out))
	outputs["replayed"] = string(out)
	for name, text := range outputs {
		for _, personal := range planted.written {
			assert.NotContains(t, text, personal, name)
		}
	}
	assert.Contains(t, outputs["check, not on a terminal"], strconv.Itoa(planted.end.Year())+"年まで")
	assert.Contains(t, outputs["replayed"], `"certificate.valid"`)

	h := startHost(t, manifests.AllowedOrigins()[0])
	h.receive()
	h.write(framed(`{"type":"diagnose","id":"1","language":"ja"}`))
	shown := false
	for {
		message := h.receive()
		whole, err := json.Marshal(message)
		require.NoError(t, err)
		shown = shown || strings.Contains(string(whole), planted.shown)
		if message["type"] == "report" {
			facts, err := json.Marshal(message["report"].(map[string]any)["facts"])
			require.NoError(t, err)
			for _, personal := range planted.written {
				assert.NotContains(t, string(facts), personal)
			}
			break
		}
	}
	assert.True(t, shown, "the popup has nothing to show")
}

// hostLog is the log of all hosts of this browser.
func (b *browser) hostLog() string {
	b.t.Helper()
	var all []byte
	require.NoError(b.t, filepath.WalkDir(filepath.Join(b.folder, "state"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all = append(all, data...)
		return err
	}))
	return string(all)
}

// Without a host, the popup says how to install it, and notices by itself when that is done.
func TestFirstRun(t *testing.T) {
	insert(t, nil)
	b := startBrowser(t, setup{})
	p := b.pressIcon()
	require.Equal(t, "host.not-found", p.code())
	assert.Contains(t, p.text("steps"), "install.sh")
	register(t, b.folder, *registered())
	p.until("title", "悪いところは見つかりませんでした")
}

// With the keyboard alone: the first Tab reaches the repair, Enter does it, and the focus is not lost.
func TestTheKeyboardAlone(t *testing.T) {
	insert(t, nil)
	b := startBrowser(t, setup{manifest: registered()})
	b.open(loginPage)
	p := b.report("login")
	require.Equal(t, "session.duplicate-tabs", p.code())
	require.NoError(t, chromedp.Do(p.ctx, chromedp.KeyEvent("\t")))
	assert.Equal(t, "fresh-tab", p.evaluate(`document.activeElement.dataset.repair`))
	p.do(`document.body.dataset.code = ""`)
	require.NoError(t, chromedp.Do(p.ctx, chromedp.KeyEvent("\r")))
	p.waitForVerdict()
	assert.Equal(t, "verdict.all-fine", p.code())
	assert.Equal(t, "title", p.evaluate(`document.activeElement.id`), "the focus is lost")
}
