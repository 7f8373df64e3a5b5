package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"etax-doctor/checks"
	"etax-doctor/checks/simulate"
)

// now is the time in the tests of this package.
var now = time.Date(2027, 2, 16, 3, 0, 0, 0, time.UTC)

// noCard is this computer in the tests of this package: without a card on the reader.
func noCard() checks.Machine {
	m, _, _ := simulate.New("no-card", now)
	m.Simulated = ""
	return m
}

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"etax-doctor": func() {
			a := &App{Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, Now: func() time.Time { return now }, Machine: noCard}
			os.Exit(a.Run(context.Background(), os.Args[1:]))
		},
	})
}

// TestStories runs the scripts in testdata/stories: what a person types, and what the terminal says.
func TestStories(t *testing.T) {
	testdata, err := filepath.Abs("../../testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/stories",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("TESTDATA", testdata)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"mistake": mistake,
			"verdict": verdict,
		},
	})
}

// exits CODE COMMAND...: the command ends with this exit code.
func exits(ts *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) < 2 {
		ts.Fatalf("usage: exits code command...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code, err = exit.ExitCode(), nil
	}
	ts.Check(err)
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s\n%s%s", code, args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// mistake TEXT ARGUMENTS...: etax-doctor refuses the arguments, and says TEXT on stderr and nothing on stdout.
func mistake(ts *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) < 1 {
		ts.Fatalf("usage: mistake text arguments...")
	}
	exits(ts, false, append([]string{"2", "etax-doctor"}, args[1:]...))
	if stderr := ts.ReadFile("stderr"); !strings.Contains(stderr, args[0]) || strings.Contains(stderr, "cli_") {
		ts.Fatalf("it says not %q, but %s", args[0], stderr)
	}
	if stdout := ts.ReadFile("stdout"); stdout != "" {
		ts.Fatalf("stdout: %s", stdout)
	}
}

// verdict CODE FILE: a saved record is judged like this.
func verdict(ts *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) != 2 {
		ts.Fatalf("usage: verdict code file")
	}
	err := ts.Exec("etax-doctor", "check", "--replay", args[1], "--json")
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		ts.Check(err)
	}
	var report struct{ Verdict struct{ Code string } }
	ts.Check(json.NewDecoder(bytes.NewBufferString(ts.ReadFile("stdout"))).Decode(&report))
	if report.Verdict.Code != args[0] {
		ts.Fatalf("%s: %s, want %s", args[1], report.Verdict.Code, args[0])
	}
}
