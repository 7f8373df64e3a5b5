package checks_test

import (
	"context"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
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

func machine(t *testing.T, name string) checks.Machine {
	t.Helper()
	m, _, ok := simulate.New(name, time.Now())
	require.True(t, ok)
	return m
}

func find(r *checks.Result, code finding.Code) finding.Finding {
	for _, f := range r.Findings {
		if f.Code == code {
			return f
		}
	}
	return finding.Finding{}
}

func TestACrashIsAFindingAndTheRestArrives(t *testing.T) {
	m := machine(t, "expired")
	m.Service = func(context.Context) *facts.Service { panic("a bug") }
	r := checks.Run(t.Context(), m, checks.Options{})
	f := find(r, "service.ready")
	assert.Equal(t, finding.Unknown, f.Status)
	assert.Equal(t, "crashed", f.Args["reason"])
	assert.Equal(t, finding.Code("certificate.expired"), r.Verdict.Code)
}

func TestAHangIsAFindingAndTheRestArrives(t *testing.T) {
	m := machine(t, "expired")
	release := make(chan struct{})
	defer close(release)
	m.Service = func(context.Context) *facts.Service { <-release; return nil }
	r := checks.Run(t.Context(), m, checks.Options{})
	f := find(r, "service.ready")
	assert.Equal(t, finding.Unknown, f.Status)
	assert.Equal(t, "timed-out", f.Args["reason"])
	assert.Equal(t, finding.Code("certificate.expired"), r.Verdict.Code)
}

// A room is not reported as fine if the machine has no probe for it.
func TestAMachineWithoutAProbe(t *testing.T) {
	m := machine(t, "healthy")
	m.Security = nil
	r := checks.Run(t.Context(), m, checks.Options{})
	assert.Equal(t, "not-looked-at", find(r, "security.clear").Args["reason"])
	assert.Equal(t, finding.NotAllChecked, r.Verdict.Code)
	assert.Empty(t, find(r, "doctor.ready"), "our own registration is never missed")
}

func TestACancelledRunCallsNothingFine(t *testing.T) {
	m := machine(t, "healthy")
	release := make(chan struct{})
	defer close(release)
	m.System = func(context.Context) *facts.System { <-release; return nil }
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := checks.Run(ctx, m, checks.Options{})
	assert.Equal(t, finding.NotAllChecked, r.Verdict.Code)
}

func TestFindingsAreStreamedBeforeTheReport(t *testing.T) {
	m := machine(t, "healthy")
	serviceMayEnd := make(chan struct{})
	real := m.Service
	m.Service = func(ctx context.Context) *facts.Service { <-serviceMayEnd; return real(ctx) }
	var once sync.Once
	var streamed []finding.Code
	r := checks.Run(t.Context(), m, checks.Options{OnFinding: func(f finding.Finding) {
		streamed = append(streamed, f.Code)
		once.Do(func() { close(serviceMayEnd) }) // the first finding comes while the service probe still runs
	}})
	assert.NotContains(t, string(streamed[0]), "service.")
	assert.Len(t, streamed, len(r.Findings))
}

func TestOnlyKeepsTheCauseOfWhatWasSkipped(t *testing.T) {
	r := checks.Run(t.Context(), machine(t, "service-stopped"), checks.Options{Only: []finding.Layer{"card"}})
	assert.Equal(t, finding.Code("service.smart-card-stopped"), r.Verdict.Code)
	assert.Equal(t, finding.Skipped, find(r, "card.ready").Status)
	r = checks.Run(t.Context(), machine(t, "service-stopped"), checks.Options{Only: []finding.Layer{"system"}})
	assert.NotEmpty(t, r.Findings)
	assert.Nil(t, r.Facts.PCSC, "what was not asked for is not looked at")
}

func TestFactsJudgedAgainGiveTheSameReport(t *testing.T) {
	for _, name := range simulate.Names() {
		first := checks.Run(t.Context(), machine(t, name), checks.Options{})
		data, err := json.Marshal(first.Facts)
		require.NoError(t, err)
		var saved facts.Facts
		require.NoError(t, json.Unmarshal(data, &saved))
		again := checks.Judge(&saved, nil)
		assert.Equal(t, finding.ForRecord(first.Verdict), finding.ForRecord(again.Verdict), name)
		assert.ElementsMatch(t, finding.ForRecords(first.Findings), finding.ForRecords(again.Findings), name)
	}
}

// Facts contain nothing personal: neither the certificate's names and numbers nor the reader's serial number.
func TestFactsHoldNothingPersonal(t *testing.T) {
	r := checks.Run(t.Context(), machine(t, "healthy"), checks.Options{})
	data, err := json.Marshal(r)
	require.NoError(t, err)
	for _, personal := range []string{"EMULATE", "000000", "Mihon", "07654321", "1234567", "3BE0", "MII"} {
		assert.NotContains(t, string(data), personal)
	}
}

// The gate is the only caller of Transmit, and package pcsc the only importer of ebfe/scard.
func TestOneWayToTheCard(t *testing.T) {
	root := ".."
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if d != nil && d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		require.NoError(t, err)
		files++
		dir := filepath.ToSlash(filepath.Dir(path))
		for _, i := range file.Imports {
			// pcsctest acts as other programs, which send PINs; it must not become part of this program.
			if dir != "../host/e2e/harness" { // which only tests import, as TestImports checks
				assert.NotContains(t, i.Path.Value, "pcsctest", path)
			}
			if strings.Contains(i.Path.Value, "ebfe/scard") {
				assert.Contains(t, []string{"../checks/smartcard/pcsc", "../checks/smartcard/pcsctest"}, dir, "%s imports ebfe/scard", path)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if s, ok := call.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "Transmit" {
				assert.Contains(t, []string{"../checks/smartcard/apdu", "../checks/smartcard/pcsc", "../checks/smartcard/pcsctest",
					"../checks/simulate", "../checks/smartcard/virtualcard"}, dir, "%s calls Transmit", path)
			}
			return true
		})
		return nil
	})
	require.NoError(t, err)
	assert.Greater(t, files, 30)
}

// Over remote desktop, the readers are not visible and the service says that it does not run: the session is the cause.
func TestARemoteSessionIsTheCause(t *testing.T) {
	machine, _, _ := simulate.New("service-stopped", time.Now())
	system := machine.System
	machine.System = func(ctx context.Context) *facts.System {
		f := system(ctx)
		f.RemoteSession = true
		return f
	}
	r := checks.Run(t.Context(), machine, checks.Options{})
	assert.Equal(t, finding.Code("reader.remote-session"), r.Verdict.Code)
	for _, f := range r.Findings {
		switch f.Code {
		case "reader.ready", "card.ready", "certificate.valid", "service.ready":
			assert.Equal(t, finding.Skipped, f.Status, f.Code)
			assert.NotEmpty(t, f.SkippedBecause, f.Code)
		case "reader.remote-session":
		default:
			assert.NotEqual(t, finding.Failure, f.Status, f.Code)
		}
	}
	assert.Equal(t, r.Verdict.Code, checks.Judge(r.Facts, nil).Verdict.Code, "judged again")
}
