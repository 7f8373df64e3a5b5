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
	"etax-doctor/host/e2e/harness"
	"etax-doctor/manifests"
)

// When a card is put on the reader, the page shows it at once, checks again by itself, and shows what has changed.
func TestTheFullPageSeesTheCardComing(t *testing.T) {
	d := pcsctest.Start(t, harness.ReaderName)
	p := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()}).Report("login")
	require.Equal(t, "card.absent", p.Code())
	p.Until("live", "SONY FeliCa RC-S300/P")
	require.NoError(t, chromedp.Do(p.Ctx, chromedp.Poll[chromedp.Void](`document.getElementById("live").dataset.settled`, chromedp.WithPollingTimeout(harness.Timeout))))
	card := virtualcard.New(virtualcard.Healthy(time.Now()))
	d.Insert(t, 0, card)
	p.Until("live", "カードが置かれました")
	p.Until("title", "悪いところは見つかりませんでした")
	p.Until("changes-list", "カード：問題あり → 正常")
	assert.Contains(t, p.Text("lead"), "直りました")
	assert.Equal(t, "fresh-tab", p.Evaluate(`document.querySelector("#repairs button").dataset.repair`), "the login is one press away")
	harness.RequireNoPINData(t, card)
}

// A card that is taken away is no longer called fine.
func TestTheFullPageSeesTheCardGoing(t *testing.T) {
	d := pcsctest.Start(t, harness.ReaderName)
	remove := d.Insert(t, 0, virtualcard.New(virtualcard.Healthy(time.Now())))
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	p := b.PageOf("report", 1100, false)
	require.Equal(t, "verdict.all-fine", p.Code())
	p.WaitUntilSettled()
	remove()
	p.Until("title", "カードが置かれていません")
}

// A card that is put on the reader during a check is not missed, and our own reading is not taken for another program's.
func TestACardThatComesDuringACheck(t *testing.T) {
	d := pcsctest.Start(t, harness.ReaderName)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	p := b.Report("login")
	p.Until("live", "SONY FeliCa RC-S300/P")
	require.NoError(t, chromedp.Do(p.Ctx, chromedp.Poll[chromedp.Void](`document.getElementById("live").dataset.settled`, chromedp.WithPollingTimeout(harness.Timeout))))
	profile := virtualcard.Healthy(time.Now())
	profile.Delay = 250 * time.Millisecond
	p.Do(`new MutationObserver(() => { if (live.innerText.includes("ほかのプログラム")) live.dataset.other = "seen" }).observe(document.getElementById("live"), {subtree: true, childList: true, characterData: true})`)
	p.Do(`document.getElementById("again").click()`)
	d.Insert(t, 0, virtualcard.New(profile))
	p.Until("title", "悪いところは見つかりませんでした")
	p.Do(`document.body.dataset.code = ""; document.getElementById("again").click()`)
	p.WaitForVerdict()
	p.Until("title", "悪いところは見つかりませんでした")
	assert.Contains(t, p.Text("live"), "カードが置かれました")
	assert.Equal(t, "undefined", p.Evaluate(`String(document.getElementById("live").dataset.other)`))
}

// A card that goes after it was read, and before the answer is shown, is noticed: "fine" does not stay.
func TestACardThatGoesDuringACheck(t *testing.T) {
	d := pcsctest.Start(t, harness.ReaderName)
	remove := d.Insert(t, 0, virtualcard.New(virtualcard.Healthy(time.Now())))
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Own: true}) // its worker is changed
	p := b.Report("login")
	p.Until("live", "カードが置かれました")
	require.NoError(t, chromedp.Do(p.Ctx, chromedp.Poll[chromedp.Void](`document.getElementById("live").dataset.settled`, chromedp.WithPollingTimeout(harness.Timeout))))
	b.InWorker(`(() => {
		const set = chrome.storage.session.set.bind(chrome.storage.session);
		chrome.storage.session.set = async (kept) => {
			if ("last-findings" in kept && !globalThis.released) await new Promise((release) => { globalThis.release = () => { globalThis.released = true; release(); }; });
			return set(kept);
		};
	})()`)
	p.Do(`document.getElementById("again").click()`)
	b.InWorker(`(async () => { while (!globalThis.release) await new Promise((next) => setTimeout(next, 10)); })()`) // all is judged
	remove()
	p.Until("live", "カードが離れました")
	b.InWorker(`globalThis.release()`)
	p.Until("title", "カードが置かれていません")
}

// Without a reader the page says only that, and not that the program is missing.
func TestTheFullPageWithoutAReader(t *testing.T) {
	pcsctest.Start(t)
	p := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()}).Report("login")
	require.Equal(t, "reader.none", p.Code())
	p.Until("live", "カードリーダーは見つかっていません")
}

// A fault counts as solved only if the new check could have found it again.
func TestTheGuideDoesNotCallSolvedWhatIsHidden(t *testing.T) {
	harness.OnlyInFull(t)
	d := pcsctest.Start(t, harness.ReaderName)
	remove := d.Insert(t, 0, virtualcard.New(expiredProfile()))
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), NoBridge: true})
	p := b.Report("login")
	require.Equal(t, "certificate.expired", p.Code())
	p.Until("live", "カードが置かれました")
	remove()
	p.Until("live", "離れました")
	p.Do(`document.getElementById("guide-done").click()`)
	p.Until("title", "カードが置かれていません")
	assert.NotContains(t, p.Text("guide-step"), "直りました")
}

func expiredProfile() virtualcard.Profile {
	profile := virtualcard.Healthy(time.Now())
	expired(&profile)
	return profile
}

// After each step the person presses a button for a new check: if its verdict is the same, the next step follows.
func TestTheGuideLeadsFromStepToStep(t *testing.T) {
	pcsctest.Start(t, harness.ReaderName)
	p := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()}).Report("login")
	current := func() string {
		return p.Evaluate(`String([...document.querySelectorAll("#steps li")].findIndex((li) => li.ariaCurrent === "step"))`)
	}
	p.Until("guide-step", "まず手順1")
	for _, next := range []string{"次は手順2", "次は手順3"} {
		p.Do(`document.getElementById("guide-done").click()`)
		p.Until("guide-step", next)
	}
	assert.Equal(t, "2", current())
	p.Do(`document.getElementById("guide-done").click()`)
	p.Until("guide-step", "サポート窓口に見せる記録")
	assert.Equal(t, "-1", current())
}

// A message that a person pastes is looked up in the table, and explained first.
func TestAReportedMessage(t *testing.T) {
	d := pcsctest.Start(t, harness.ReaderName)
	remove := d.Insert(t, 0, virtualcard.New(virtualcard.Healthy(time.Now())))
	p := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()}).Report("login")
	for _, asked := range []struct{ words, title, code string }{
		{"エラーコード：ＫＳ－Ｅ１０００１ (PLANTED-WORDS)", "ログインではなく、申告書の入力", "symptom.form-input"},
		{"0x8010000B", "ほかのプログラムが、カードを使っています", "symptom.card-held"},
		{"<b>PLANTED-WORDS</b>", "意味は、この診断ではわかりませんでした", "symptom.not-known"},
		{"暗証番号を忘れました", "忘れても決め直せます", "symptom.pin-forgotten"},
	} {
		p.Ask(asked.words)
		p.Until("title", asked.title)
		assert.Equal(t, asked.code, p.Code(), "nothing explains it, so it is the verdict itself")
		assert.NotEmpty(t, p.Text("steps"))
	}
	assert.NotContains(t, p.Evaluate(`document.getElementById("report").value`), "PLANTED")
	remove()
	p.Until("live", "離れました")
	p.Ask("ボタンを押しても反応しない")
	p.Until("lead", "お知らせの表示とは別に、こちらも見つかりました")
	assert.Equal(t, "card.absent", p.Code())
	assert.Contains(t, p.Text("symptoms"), "ボタンを押しても、カードの読み取りが始まりませんでした")
	assert.Equal(t, "warning", p.Station("extension"), "the message speaks of this place")
	p.Ask("カードが読み取れません")
	p.Until("symptoms", "カードを読み取れませんでした")
	assert.Equal(t, "card.absent", p.Code())
	assert.Empty(t, p.Text("lead"), "the verdict explains it")
}

// Without the program on the computer, the extension itself knows the most frequent messages. The popup has a field too.
func TestAMessageWithoutTheHost(t *testing.T) {
	p := harness.StartBrowser(t, harness.Setup{}).PressIcon()
	require.Equal(t, "host.not-found", p.Code())
	p.Unfold()
	p.Ask("ew044c300 が出ました")
	p.Until("symptoms", "マイナポータルのアプリから返事を受け取れませんでした（EW044-C300）")
	p.Unfold()
	assert.Contains(t, p.Text("symptoms"), "入れ直し", "with its own steps")
	assert.Contains(t, p.Text("lead"), "別に")
	assert.Equal(t, "host.not-found", p.Code())
	p.Screenshot("popup-message-without-host-ja")
	p.Ask("医療費控除の書き方")
	p.Until("symptoms", "意味は、この診断ではわかりませんでした")
	assert.Empty(t, p.Text("lead"), "the words may speak of the fault")
}

func TestFilters(t *testing.T) {
	harness.OnlyInFull(t)
	pcsctest.Start(t, harness.ReaderName)
	p := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()}).Report("login")
	shown := func(filter string) string {
		p.Do(`document.querySelector('#filter [value="` + filter + `"]').click()`)
		return p.Evaluate(`[...document.querySelectorAll("#findings details")].map((d) => d.dataset.code).join(" ")`)
	}
	all := shown("")
	assert.Contains(t, all, "reader.ready")
	assert.Equal(t, "card.absent", shown("failure warning"))
	assert.Contains(t, shown("unknown skipped"), "certificate.valid")
	assert.NotContains(t, shown("unknown skipped"), "card.absent")
	assert.Equal(t, all, shown(""))
}

// The command line judges a saved report again with the same verdict, also that of a page without a host.
func TestTheSavedReportCanBeJudgedAgain(t *testing.T) {
	harness.OnlyInFull(t)
	for name, c := range map[string]struct {
		setup harness.Setup
		want  string
	}{
		"with a host":    {harness.Setup{Manifest: harness.Registered(), NoBridge: true}, "extension.bridge-not-on-page"},
		"without a host": {harness.Setup{}, "host.not-found"},
	} {
		t.Run(name, func(t *testing.T) {
			harness.Insert(t, nil)
			p := harness.StartBrowser(t, c.setup).Report("login")
			require.Equal(t, c.want, p.Code())
			file := filepath.Join(t.TempDir(), "report.json")
			require.NoError(t, os.WriteFile(file, []byte(p.SavedReport("save")), 0o600))
			var out bytes.Buffer
			a := &cli.App{Stdout: &out, Stderr: &out, Getenv: os.Getenv, Now: time.Now, Machine: func() checks.Machine { panic("a replay looks at no machine") }}
			a.Run(t.Context(), []string{"report", "--replay", file, "--lang", "ja"})
			assert.Contains(t, out.String(), "結論: "+c.want)
		})
	}
}

// Personal data is planted in the card, the reader's name, the person's folder and e-Tax's cookies. None of it is in a
// report, in what the page shows, or in the log.
func TestNothingPersonalInAnyReport(t *testing.T) {
	d := pcsctest.Start(t, "SONY FeliCa RC-S300/P (PLANTED-SERIAL) 00 00")
	profile := virtualcard.Healthy(time.Now())
	profile.Issuance.NotAfter = planted.end
	d.Insert(t, 0, virtualcard.New(profile))
	// The program looks for registrations of the bridge here, and finds a broken one.
	person := filepath.Join(t.TempDir(), "PLANTED-PERSON")
	hosts := filepath.Join(person, "chromium", "NativeMessagingHosts")
	require.NoError(t, os.MkdirAll(hosts, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(hosts, "jp.go.cao.mpa.json"), []byte(`{"name":"jp.go.cao.mpa","description":"x","type":"stdio","path":"`+person+`/gone","allowed_origins":["chrome-extension://fjjibalalngebiaophebgkkohaaggphf/"]}`), 0o644))
	t.Setenv("XDG_CONFIG_HOME", person)
	t.Setenv("USER", "PLANTED-PERSON")
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), App: harness.Accepted, Own: true})
	b.Press()
	b.WaitForState("answered")
	p := b.Report("login")
	require.Equal(t, "failure", p.Finding("app.mynaportal-broken"), "the planted registration was met")
	for what, text := range map[string]string{
		"JSON": p.SavedReport("save"),
		"text": p.Evaluate(`document.getElementById("report").value`),
		"page": strings.ReplaceAll(p.Evaluate(`document.documentElement.outerHTML`), planted.shown, "the day, on the screen of whose card it is"),
		"log":  b.HostLog(),
	} {
		require.NotEmpty(t, text, what)
		for _, personal := range append([]string{"PLANTED", "EMULATE", "Mihon", "07654321", b.Folder}, planted.written...) {
			assert.NotContains(t, text, personal, what)
		}
	}
}

// planted is the last day of a certificate, which is a birthday, in all forms in which it could be written.
var planted = struct {
	end     time.Time
	shown   string // in Japanese
	written []string
}{

	time.Date(time.Now().Year()+2, 8, 29, 23, 59, 59, 0, time.FixedZone("JST", 9*60*60)),
	fmt.Sprintf("%d年8月29日", time.Now().Year()+2),
	[]string{"-08-29", "08/29", "8月29日", "29 August", "August 29", "T14:59:59", "29日", "daysLeft"},
}

// The day on which the certificate ends is on the person's screen only, and in nothing that may be saved or sent.
func TestTheBirthdayIsOnTheScreenAlone(t *testing.T) {
	harness.Insert(t, func(p *virtualcard.Profile) { p.Issuance.NotAfter = planted.end })
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
		out, err := exec.Command(harness.HostProgram, args...).CombinedOutput()
		require.NoError(t, err, "%s: %s", name, out)
		outputs[name] = string(out)
	}
	saved, err := os.ReadFile(filepath.Join(folder, "report.json"))
	require.NoError(t, err)
	outputs["report --json"] = string(saved)
	out, err := exec.Command(harness.HostProgram, "check", "--json", "--lang", "ja", "--replay", filepath.Join(folder, "report.json")).CombinedOutput()
	require.NoError(t, err, string(out))
	outputs["replayed"] = string(out)
	for name, text := range outputs {
		for _, personal := range planted.written {
			assert.NotContains(t, text, personal, name)
		}
	}
	assert.Contains(t, outputs["check, not on a terminal"], strconv.Itoa(planted.end.Year())+"年まで")
	assert.Contains(t, outputs["replayed"], `"certificate.valid"`)

	h := harness.StartHost(t, manifests.AllowedOrigins()[0])
	h.Receive()
	h.Write(harness.Framed(`{"type":"diagnose","id":"1","language":"ja"}`))
	shown := false
	for {
		message := h.Receive()
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

// Without a host, the popup says how to install it, and notices by itself when that is done.
func TestFirstRun(t *testing.T) {
	harness.Insert(t, nil)
	b := harness.StartBrowser(t, harness.Setup{})
	p := b.PressIcon()
	require.Equal(t, "host.not-found", p.Code())
	p.Unfold()
	assert.Contains(t, p.Text("steps"), "install.sh")
	harness.Register(t, b.Folder, *harness.Registered())
	p.Until("title", "悪いところは見つかりませんでした")
}

// With only the keyboard: the first Tab reaches the repair, Enter starts it, and the focus is not lost.
func TestTheKeyboardAlone(t *testing.T) {
	harness.OnlyInFull(t)
	harness.Insert(t, nil)
	b := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered()})
	b.Open(harness.LoginPage)
	p := b.Report("login")
	require.Equal(t, "session.duplicate-tabs", p.Code())
	require.NoError(t, chromedp.Do(p.Ctx, chromedp.KeyEvent("\t")))
	assert.Equal(t, "fresh-tab", p.Evaluate(`document.activeElement.dataset.repair`))
	p.Do(`document.body.dataset.code = ""`)
	require.NoError(t, chromedp.Do(p.Ctx, chromedp.KeyEvent("\r")))
	p.WaitForVerdict()
	assert.Equal(t, "verdict.all-fine", p.Code())
	assert.Equal(t, "again", p.Evaluate(`document.activeElement.id`), "the focus is lost, or makes the verdict be said twice")
}
