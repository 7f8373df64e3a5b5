package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/checks/simulate"
)

type result struct {
	code           int
	stdout, stderr string
}

func run(t *testing.T, change func(*App), args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	now := time.Date(2027, 2, 16, 3, 0, 0, 0, time.UTC)
	a := &App{Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" }, Now: func() time.Time { return now },
		Machine: func() checks.Machine {
			m, _, _ := simulate.New("no-card", now)
			m.Simulated = ""
			return m
		}}
	if change != nil {
		change(a)
	}
	code := a.Run(context.Background(), args)
	return result{code, stdout.String(), stderr.String()}
}

func TestExitCodes(t *testing.T) {
	for name, c := range map[string]struct {
		args   []string
		code   int
		stderr string
	}{
		"healthy":                        {[]string{"check", "--simulate", "healthy"}, 0, ""},
		"a warning is no failure":        {[]string{"check", "--simulate", "expires-soon"}, 0, ""},
		"expired":                        {[]string{"check", "--simulate", "expired"}, 1, ""},
		"this machine":                   {[]string{"check"}, 1, ""},
		"one layer, fine":                {[]string{"check", "--only", "reader"}, 0, ""},
		"one layer, its cause elsewhere": {[]string{"check", "--only", "certificate"}, 1, ""},
		"one layer, failing":             {[]string{"check", "--only", "reader, card"}, 1, ""},
		"no command":                     {nil, 2, "etax-doctor check"},
		"unknown command":                {[]string{"heal"}, 2, "unknown command"},
		"unknown flag":                   {[]string{"check", "--fast"}, 2, "--simulate"},
		"flag without its value":         {[]string{"check", "--simulate"}, 2, "-simulate"},
		"an argument too many":           {[]string{"check", "now"}, 2, `unexpected argument "now"`},
		"unknown simulation":             {[]string{"check", "--simulate", "perfect"}, 2, "not-my-number"},
		"unknown layer":                  {[]string{"check", "--only", "moon"}, 2, "certificate"},
		"unknown language":               {[]string{"check", "--lang", "fr"}, 2, "ja, en"},
		"simulation and replay":          {[]string{"check", "--simulate", "healthy", "--replay", "x"}, 2, "together"},
		"a file that is not there":       {[]string{"check", "--replay", "no/such/file"}, 2, "cannot be opened"},
		"version":                        {[]string{"version"}, 0, ""},
		"help":                           {[]string{"help"}, 0, ""},
		"help of an unknown command":     {[]string{"help", "heal"}, 2, "unknown command"},
		"completion of no shell":         {[]string{"completion", "tcsh"}, 2, "fish"},
		"help of a command":              {[]string{"check", "--help"}, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, nil, c.args...)
			assert.Equal(t, c.code, r.code, r.stderr)
			if c.stderr == "" {
				assert.Empty(t, r.stderr)
				assert.NotEmpty(t, r.stdout)
			} else {
				assert.Contains(t, r.stderr, c.stderr)
				assert.Empty(t, r.stdout)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	r := run(t, nil, "check", "--simulate", "expired", "--json", "--lang", "ja")
	require.Equal(t, 1, r.code)
	var report map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &report))
	for _, key := range []string{"protocol", "version", "generatedAt", "simulated", "verdict", "findings", "facts", "timings"} {
		assert.Contains(t, report, key)
	}
	assert.Equal(t, "expired", report["simulated"])
	verdict := report["verdict"].(map[string]any)
	assert.Equal(t, "certificate.expired", verdict["code"])
	assert.Equal(t, "failure", verdict["status"])
	assert.Equal(t, "certificate", verdict["layer"])
	assert.Contains(t, verdict["title"], "有効期限が切れています")
	found := false
	for _, f := range report["findings"].([]any) {
		finding := f.(map[string]any)
		for _, key := range []string{"code", "status", "layer", "class", "difficulty", "title", "detail", "args", "repair", "links", "skippedBecause"} {
			assert.Contains(t, finding, key, finding["code"])
		}
		if finding["code"] == "certificate.expired" {
			found = true
			assert.Equal(t, "authentication", finding["class"])
			assert.Equal(t, "high", finding["difficulty"])
			assert.NotEmpty(t, finding["steps"])
			assert.Equal(t, "2027", finding["args"].(map[string]any)["notAfter"])
		}
	}
	assert.True(t, found)
}

func TestTheVerdictComesFirst(t *testing.T) {
	r := run(t, nil, "check", "--lang", "ja")
	lines := strings.Split(r.stdout, "\n")
	assert.Equal(t, "✗ カードが置かれていません", lines[0])
	assert.Contains(t, r.stdout, "1. マイナンバーカードをリーダーの中央に")
	assert.Less(t, strings.Index(r.stdout, "次にすること"), strings.Index(r.stdout, "カードからe-Taxまで"))
	assert.NotContains(t, r.stdout, "\x1b", "colour is for terminals")
}

func TestOneLinePerLayer(t *testing.T) {
	r := run(t, nil, "check", "--simulate", "healthy", "--lang", "en", "--verbose")
	_, way, _ := strings.Cut(r.stdout, "From the card to e-Tax\n")
	way, notes, _ := strings.Cut(way, "\n\n")
	assert.Len(t, strings.Split(way, "\n"), 8, way)
	assert.Contains(t, notes, "Whether it has been revoked cannot be checked here")
	assert.Contains(t, notes, "tries left: login 3")
}

// What a person with a failure has to read fits in a terminal, with the answer first and what it costs below it.
func TestAFailureFitsInATerminal(t *testing.T) {
	terminal := func(a *App) { a.Terminal, a.Width = true, 80 }
	for _, language := range []string{"ja", "en"} {
		for _, machine := range simulate.Names() {
			r := run(t, terminal, "check", "--simulate", machine, "--lang", language)
			_, said, _ := strings.Cut(r.stdout, "\n\n") // without the note that it is a simulation
			require.NotEmpty(t, said)
			assert.LessOrEqual(t, strings.Count(said, "\n"), 30, "%s\n%s", machine, said)
		}
	}
	r := run(t, nil, "check", "--simulate", "expired", "--lang", "ja")
	assert.Regexp(t, `(?s)有効期限が切れています.*市区町村の窓口での手続き.*故障ではありません.*次にすること.*お急ぎの方へ.*カードからe-Taxまで.*アプリ.*：問題ありません`, r.stdout)
	assert.NotContains(t, r.stdout, "以前に税務署で", "this is what --verbose is for")
	assert.Contains(t, run(t, nil, "check", "--simulate", "expired", "--lang", "ja", "--verbose").stdout, "以前に税務署で")
}

func TestAPartialCheckSaysNothingOfTheRest(t *testing.T) {
	r := run(t, nil, "check", "--only", "system", "--lang", "en")
	assert.Contains(t, r.stdout, "The rest was not looked at")
	assert.NotContains(t, r.stdout, "the card, the reader, the certificate")
}

func TestASimulationSaysSoFirst(t *testing.T) {
	for lang, want := range map[string]string{"ja": "練習用の表示です", "en": "simulation"} {
		r := run(t, nil, "check", "--simulate", "healthy", "--lang", lang)
		assert.Contains(t, strings.SplitN(r.stdout, "\n", 2)[0], want)
	}
}

func TestColourAndWidthOnATerminal(t *testing.T) {
	terminal := func(a *App) { a.Terminal, a.Width = true, 60 }
	r := run(t, terminal, "check", "--lang", "ja")
	assert.Contains(t, r.stdout, "\x1b[31;1m✗\x1b[0m")
	for line := range strings.Lines(r.stdout) {
		if !strings.Contains(line, "https://") {
			assert.LessOrEqual(t, displayWidth(strings.TrimSuffix(line, "\n")), 62, line) // a closing mark may exceed it
		}
	}
	r = run(t, func(a *App) {
		terminal(a)
		a.Getenv = func(name string) string { return map[string]string{"NO_COLOR": "1"}[name] }
	}, "check")
	assert.NotContains(t, r.stdout, "\x1b")
}

// Error messages and help are in the person's language too.
func TestHelpAndMistakesInJapanese(t *testing.T) {
	japanese := func(a *App) { a.Getenv = func(string) string { return "ja_JP.UTF-8" } }
	for words, want := range map[string]string{
		"heal":                       "「heal」というコマンドはありません",
		"check --fast":               "使えるオプションは次のとおりです",
		"check --replay no/such":     "開けません",
		"help":                       "終了コード",
		"check --help":               "画面に出た番号や文",
		"report --output no/such/f":  "書けません",
		"check --lang fr":            "language",
		"check --only moon":          "指定できるもの：reader",
		"completion --help":          "入力補完",
		"list":                       "電子証明書の有効期限が切れています",
		"check --symptom KS-E10001 ": "ログインではなく、申告書の入力についての案内です",
	} {
		r := run(t, japanese, strings.Fields(words)...)
		assert.Contains(t, r.stdout+r.stderr, want, words)
		assert.NotContains(t, r.stdout+r.stderr, "cli_", words)
	}
}

// A message that the person has reported is explained first, and the verdict prefers its causes.
func TestSymptom(t *testing.T) {
	r := run(t, nil, "check", "--simulate", "no-card", "--symptom", "ＥＷ０４４−Ｃ３００ が出る", "--lang", "ja")
	assert.NotContains(t, r.stdout, "が出る", "nothing of the person's own words is repeated")
	r = run(t, nil, "check", "--simulate", "expired", "--symptom", "「認証エラー」", "--lang", "ja")
	lines := strings.Split(r.stdout, "\n")
	assert.Equal(t, "画面で起きたこと", lines[2])
	assert.Contains(t, lines[3], "ログインが受け付けられませんでした")
	assert.NotContains(t, r.stdout, "別に", "the verdict is the reason")
	assert.Contains(t, r.stdout, "✗ 電子証明書の有効期限が切れています")
	assert.Contains(t, r.stdout, "窓口に持って行くもの")
	r = run(t, nil, "check", "--simulate", "healthy", "--symptom", "abc", "--lang", "ja")
	assert.Contains(t, r.stdout, "! お書きの文の意味は、この診断ではわかりませんでした")
	r = run(t, nil, "check", "--simulate", "healthy", "--symptom", "EW044-C300", "--lang", "ja")
	assert.Contains(t, r.stdout, "! ブラウザーが、マイナポータルのアプリから返事を受け取れませんでした（EW044-C300）", "the message itself is the verdict")
	assert.NotContains(t, r.stdout, "悪いところは見つかりません")
	r = run(t, nil, "check", "--simulate", "expired", "--symptom", "EW044-C300", "--lang", "ja")
	before, after, apart := strings.Cut(r.stdout, "お知らせの表示とは別に、こちらも見つかりました")
	assert.True(t, apart)
	assert.Contains(t, before, "1. マイナポータルのサイトから", "the message comes first, with its own steps")
	assert.Contains(t, after, "✗ 電子証明書の有効期限が切れています")
	r = run(t, nil, "check", "--simulate", "healthy", "--symptom", "KS-E10001", "--json")
	assert.Contains(t, r.stdout, `"symptom.form-input"`)
	assert.Equal(t, 0, r.code)
}

func TestVerbose(t *testing.T) {
	r := run(t, nil, "check", "--simulate", "expired", "--verbose", "--lang", "en")
	assert.Contains(t, r.stdout, "certificate.expired  failure")
	assert.Contains(t, r.stdout, "notAfter=2027")
	assert.Contains(t, r.stdout, `"readers": [`)
}

// What a saved report did not check is not called fine when the report is judged again.
func TestAPartialReportStaysPartial(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.json")
	run(t, nil, "report", "--simulate", "no-card", "--only", "system", "--json", "--output", path)
	r := run(t, nil, "check", "--replay", path, "--lang", "en")
	assert.Contains(t, r.stdout, "The rest was not looked at")
	bare := save(t, `{"schema":"etax-doctor.facts/1","collectedAt":"2027-02-16T03:00:00Z","system":{"os":"windows","name":"Windows 11","build":26100,"arch":"amd64","clock":"2027-02-16T03:00:00Z","builtAt":"2027-02-16T03:00:00Z"}}`)
	assert.Contains(t, run(t, nil, "report", "--replay", bare, "--lang", "en").stdout, "verdict.not-all-checked")
}

// Our own registration is judged again from the facts, and appears only once.
func TestASavedRegistrationIsSaidOnce(t *testing.T) {
	withRegistration := func(a *App) {
		machine := a.Machine
		a.Machine = func() checks.Machine {
			m := machine()
			m.Registration = func(context.Context) *facts.OwnHost { return &facts.OwnHost{Version: "0.1.0"} }
			return m
		}
	}
	path := filepath.Join(t.TempDir(), "r.json")
	run(t, withRegistration, "report", "--json", "--output", path)
	again := run(t, nil, "report", "--replay", path, "--lang", "en").stdout
	assert.Equal(t, 1, strings.Count(again, "doctor.unregistered"), again)
}

// Security software is only a note, unless the person reports a message that it could cause.
func TestSecuritySoftwareWithAReportedMessage(t *testing.T) {
	saved := save(t, `{"schema":"etax-doctor.facts/1","collectedAt":"2027-02-16T03:00:00Z","only":["security"],"security":{"os":"windows","products":[{"name":"Example Guard","kind":"antivirus"}]}}`)
	assert.Contains(t, run(t, nil, "report", "--replay", saved, "--lang", "en").stdout, "verdict.part-fine")
	assert.Contains(t, run(t, nil, "report", "--replay", saved, "--symptom", "EW044-C300", "--lang", "en").stdout, "Verdict: security.may-interfere")
}

// A saved file may come from anybody: it can neither control the terminal nor add lines of its own.
func TestAHostileReport(t *testing.T) {
	hostile := save(t, `{"schema":"etax-doctor.report/1","generatedAt":"2027-02-16T03:00:00Z","findings":[{"code":"browser.ready","status":"\u001b[31m","layer":"browser"},{"code":"extension.conflict","status":"warning","layer":"extension","args":{"name":"\u001b[2J\u009b31m"}}],
		"facts":{"schema":"etax-doctor.facts/1","collectedAt":"2027-02-16T03:00:00Z","browser":"x\nNG fake","simulated":"\u001b[31m","system":{"os":"linux\u009b31m","arch":"amd64","clock":"2027-02-16T03:00:00Z","builtAt":"2027-02-16T03:00:00Z"}}}`)
	for _, args := range [][]string{{"report", "--replay", hostile}, {"check", "--replay", hostile}, {"check", "--verbose", "--replay", hostile}} {
		r := run(t, nil, args...)
		assert.NotContains(t, r.stdout, "\x1b", args)
		assert.NotContains(t, r.stdout, "\u009b", args)
		assert.NotContains(t, r.stdout, "\nNG fake", args)
	}
}

func TestReport(t *testing.T) {
	r := run(t, nil, "report", "--simulate", "expired", "--lang", "ja")
	assert.Equal(t, 0, r.code, r.stderr)
	assert.Contains(t, r.stdout, "結論: certificate.expired 電子証明書の有効期限が切れています")
	assert.Contains(t, r.stdout, "NG certificate.expired")
	assert.Contains(t, r.stdout, "OK reader.ready")
	path := filepath.Join(t.TempDir(), "r.json")
	r = run(t, nil, "report", "--simulate", "expired", "--json", "--output", path)
	assert.Empty(t, r.stdout)
	assert.Equal(t, 1, run(t, nil, "check", "--replay", path).code)
	assert.Contains(t, run(t, nil, "report", "--replay", path, "--lang", "ja").stdout, "結論: certificate.expired")
}

// There is one entry per check, and it contains only codes.
func TestLogEntry(t *testing.T) {
	r := run(t, nil, "check", "--simulate", "expired", "--log-format", "json")
	var entry map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.stderr), &entry), r.stderr)
	assert.Equal(t, "certificate.expired", entry["verdict"])
	assert.Equal(t, []any{"certificate.expired"}, entry["failures"])
	assert.Equal(t, "error", entry["level"])
	assert.Equal(t, "expired", entry["simulated"])
	assert.NotContains(t, r.stderr, "SONY")
	assert.Contains(t, run(t, nil, "check", "--simulate", "healthy", "--log-format", "text").stderr, "verdict=verdict.all-fine")
	assert.Equal(t, 2, run(t, nil, "check", "--simulate", "healthy", "--log-format", "xml").code)
}

func TestList(t *testing.T) {
	r := run(t, nil, "list", "--json", "--lang", "ja")
	var all []map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &all))
	assert.Len(t, all, len(finding.Codes()))
	r = run(t, nil, "list", "--lang", "en")
	assert.Len(t, strings.Split(strings.TrimSpace(r.stdout), "\n"), len(finding.Codes()))
	assert.NotContains(t, r.stdout, "{")
}

func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		assert.Contains(t, run(t, nil, "completion", shell).stdout, "etax-doctor", shell)
	}
	assert.Contains(t, run(t, nil, "__complete", "check", "--simulate", "exp").stdout, "expired")
}

// A slow check shows what it is doing, and clears that line when it is done.
func TestProgressOnATerminal(t *testing.T) {
	slow := func(a *App) {
		a.Terminal, a.Width = true, 80
		machine := a.Machine
		a.Machine = func() checks.Machine {
			m := machine()
			system := m.System
			out := a.Stdout.(*lockedBuffer)
			m.System = func(ctx context.Context) *facts.System {
				require.Eventually(t, func() bool { return strings.Contains(out.String(), "Computer") }, 10*time.Second, time.Millisecond)
				return system(ctx)
			}
			return m
		}
	}
	var out lockedBuffer
	run(t, func(a *App) { a.Stdout = &out; slow(a) }, "check", "--only", "system", "--lang", "en")
	progress, rest, found := strings.Cut(out.String(), clearLine+"\x1b[")
	assert.True(t, found, out.String())
	assert.Contains(t, progress, "Computer")
	assert.NotContains(t, rest, clearLine)
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"LANG": "ja_JP.UTF-8"}, "カードが置かれていません"},
		{map[string]string{"LC_ALL": "ja_JP.UTF-8", "LANG": "en_US.UTF-8"}, "カードが置かれていません"},
		{map[string]string{"LC_ALL": "C", "LANG": "ja_JP.UTF-8"}, "There is no card"},
		{nil, "There is no card"},
	} {
		r := run(t, func(a *App) { a.Getenv = func(name string) string { return c.env[name] } }, "check")
		assert.Contains(t, r.stdout, c.want)
	}
}

func TestReplay(t *testing.T) {
	dir := t.TempDir()
	save := func(name, content string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	saved := run(t, nil, "check", "--simulate", "expired", "--json").stdout
	r := run(t, nil, "check", "--replay", save("report.json", saved), "--json")
	assert.Equal(t, 1, r.code, r.stderr)
	assert.Contains(t, r.stdout, `"code": "certificate.expired"`)
	r = run(t, nil, "check", "--replay", save("report.json", saved), "--lang", "en")
	lines := strings.SplitN(r.stdout, "\n", 3)
	assert.Contains(t, lines[0], "simulation", "a saved simulation stays one")
	assert.Contains(t, lines[1], "saved record")

	hostile := `{"schema":"etax-doctor.facts/1","collectedAt":"2027-02-16T03:00:00Z","pcsc":{"state":"reachable","readers":[{"name":"A\u001b[2J","state":{}}]}}`
	r = run(t, nil, "check", "--replay", save("hostile.json", hostile), "--verbose")
	assert.Contains(t, r.stdout, "A[2J")
	assert.NotContains(t, r.stdout, "\x1b")

	var report struct{ Facts json.RawMessage }
	require.NoError(t, json.Unmarshal([]byte(saved), &report))
	assert.Equal(t, 1, run(t, nil, "check", "--replay", save("facts.json", string(report.Facts))).code)

	for name, content := range map[string]string{
		"empty":            "",
		"text":             "hello",
		"another JSON":     `{"name":"x"}`,
		"a list":           `[1,2]`,
		"null":             `null`,
		"facts of text":    `{"facts":"x"}`,
		"wrong types":      `{"schema":"etax-doctor.facts/1","pcsc":5}`,
		"a later version":  `{"schema":"etax-doctor.facts/99"}`,
		"hostile version":  `{"schema":"etax-doctor.facts/\u001b[2J"}`,
		"binary":           "\x00\x01\x02",
		"far too large":    strings.Repeat(" ", maxReplay+1),
		"no time":          `{"schema":"etax-doctor.facts/1"}`,
		"another's schema": `{"schema":"someone.else/1"}`,
	} {
		r := run(t, nil, "check", "--replay", save("bad", content))
		assert.Equal(t, 2, r.code, name)
		assert.NotEmpty(t, r.stderr, name)
		assert.NotContains(t, r.stderr, "\x1b", name)
		assert.Empty(t, r.stdout, name)
	}
	assert.Equal(t, 2, run(t, nil, "check", "--replay", dir).code, "a folder")
}

// Synthetic machines in testdata/facts keep their verdicts in all later versions.
func TestSavedMachines(t *testing.T) {
	for name, want := range map[string]string{
		"windows-smart-card-disabled.json": "service.smart-card-disabled",
		"windows-no-reader.json":           "reader.none",
		"windows-hello-only.json":          "reader.only-virtual",
		"linux-two-readers.json":           "certificate.expires-soon",
	} {
		r := run(t, nil, "check", "--replay", "../../testdata/facts/"+name, "--json")
		var report struct{ Verdict struct{ Code string } }
		require.NoError(t, json.Unmarshal([]byte(r.stdout), &report), name+r.stderr)
		assert.Equal(t, want, report.Verdict.Code, name)
	}
}

// Reports of version 1 keep their verdicts in all later versions. Never change these files: a new format gets new files.
func TestSavedReports(t *testing.T) {
	for name, want := range map[string]string{
		"v1-command-line.json":      "pin.login-locked",
		"v1-page.json":              "extension.bridge-disabled",
		"v1-page-without-host.json": "browser.incognito",
	} {
		r := run(t, nil, "report", "--replay", "../../testdata/reports/"+name, "--lang", "en")
		assert.Contains(t, r.stdout, "Verdict: "+want+" ", name+r.stderr)
	}
	r := run(t, nil, "check", "--replay", "../../testdata/reports/v1-page.json", "--lang", "en")
	assert.Contains(t, r.stdout, "the browser switched it off by itself")
	assert.Equal(t, 2, run(t, nil, "check", "--replay", save(t, `{"schema":"etax-doctor.report/2","generatedAt":"2040-01-01T00:00:00Z","facts":{}}`)).code)
	assert.Equal(t, 2, run(t, nil, "check", "--replay", save(t, `{"schema":"etax-doctor.report/1","facts":null}`)).code)
}

func save(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "report.json")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestWatch(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var out lockedBuffer
	a := &App{Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }, Now: time.Now,
		Machine: func() checks.Machine { m, _, _ := simulate.New("healthy", time.Now()); return m }}
	done := make(chan int)
	go func() { done <- a.Run(ctx, []string{"watch", "--lang", "ja"}) }()
	require.Eventually(t, func() bool { return strings.Contains(out.String(), "カードが置かれました（SONY") }, 10*time.Second, time.Millisecond)
	cancel()
	assert.Equal(t, 0, <-done)
	assert.NotContains(t, out.String(), "1234567")
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}
func (l *lockedBuffer) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

func TestWrap(t *testing.T) {
	assert.Equal(t, []string{"short"}, wrap("short", 20))
	assert.Equal(t, []string{"no terminal, no wrapping at all"}, wrap("no terminal, no wrapping at all", 0))
	assert.Equal(t, []string{"words stay whole in", "Latin text"}, wrap("words stay whole in Latin text", 20))
	for _, line := range wrap(strings.Repeat("漢字とかな、", 20), 30) {
		assert.False(t, strings.HasPrefix(line, "、"), line)
		assert.LessOrEqual(t, displayWidth(line), 32)
	}
}
