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
	a := &App{Stdout: &stdout, Stderr: &stderr, Getenv: func(string) string { return "" }, Now: func() time.Time { return now }, Machine: noCard}
	if change != nil {
		change(a)
	}
	code := a.Run(context.Background(), args)
	return result{code, stdout.String(), stderr.String()}
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
}

func TestAFileThatIsFarTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large.json")
	require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte(" "), maxReplay+1), 0o600))
	r := run(t, nil, "check", "--replay", path)
	assert.Equal(t, 2, r.code)
	assert.Contains(t, r.stderr, "too large")
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

func TestList(t *testing.T) {
	r := run(t, nil, "list", "--json", "--lang", "ja")
	var all []map[string]any
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &all))
	assert.Len(t, all, len(finding.Codes()))
	r = run(t, nil, "list", "--lang", "en")
	assert.Len(t, strings.Split(strings.TrimSpace(r.stdout), "\n"), len(finding.Codes()))
	assert.NotContains(t, r.stdout, "{")
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
				require.Eventually(t, func() bool { return strings.Contains(out.String(), "Computer") }, 2*time.Minute, time.Millisecond)
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

func TestWatch(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var out lockedBuffer
	a := &App{Stdout: &out, Stderr: &out, Getenv: func(string) string { return "" }, Now: time.Now,
		Machine: func() checks.Machine { m, _, _ := simulate.New("healthy", time.Now()); return m }}
	done := make(chan int)
	go func() { done <- a.Run(ctx, []string{"watch", "--lang", "ja"}) }()
	require.Eventually(t, func() bool { return strings.Contains(out.String(), "カードが置かれました（SONY") }, 2*time.Minute, time.Millisecond)
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
