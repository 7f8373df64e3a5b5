//go:build linux && cgo

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/virtualcard"
	"etax-doctor/host/e2e/harness"
	"etax-doctor/host/e2e/winetest"
	"etax-doctor/manifests"
)

// wine is a Windows system under Wine, with helpers for these tests.
type wine struct{ *winetest.Windows }

func startWine(t testing.TB) *wine { return &wine{winetest.Start(t)} }

// write puts a file where the Windows program sees it as Z:\outside\…
func (w *wine) write(name, content string) (windowsPath string) {
	w.T.Helper()
	require.NoError(w.T, os.WriteFile(filepath.Join(w.Shared, name), []byte(content), 0o644))
	return `Z:\outside\` + filepath.Base(w.Shared) + `\` + name
}

// reg sets registry values: key, name, type and data of each; an empty name is the default value.
func (w *wine) reg(values ...[4]string) {
	w.T.Helper()
	var script strings.Builder
	for _, v := range values {
		name := "/v '" + v[1] + "'"
		if v[1] == "" {
			name = "/ve"
		}
		fmt.Fprintf(&script, "wine64 reg add '%s' %s /t %s /d '%s' /f >/dev/null\n", v[0], name, v[2], v[3])
	}
	w.Must(script.String())
}

// withoutAScreen lets programs open windows, which nobody sees.
func (w *wine) withoutAScreen() {
	w.T.Helper()
	w.reg([4]string{`HKCU\Software\Wine\Drivers`, "Graphics", "REG_SZ", "null"})
	w.Reboot()
}

type windowsReport struct {
	Verdict  struct{ Code string }
	Findings []struct{ Code, Status string }
	Facts    json.RawMessage
	exit     int
}

func (r windowsReport) status(code string) string {
	for _, f := range r.Findings {
		if f.Code == code {
			return f.Status
		}
	}
	return "absent"
}

func (w *wine) check(args string) windowsReport {
	w.T.Helper()
	out, err := w.Inside("wine64 " + w.Program + " check --json " + args)
	r := windowsReport{}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		r.exit = exit.ExitCode()
	}
	require.NoError(w.T, json.Unmarshal([]byte(out), &r), "%v\n%s", err, out)
	return r
}

func TestWindowsProgramUnderWine(t *testing.T) {
	d := pcsctest.Start(t, harness.ReaderName)
	w := startWine(t)

	t.Run("version", func(t *testing.T) {
		assert.Contains(t, w.Must("wine64 "+w.Program+" version"), "etax-doctor")
	})
	t.Run("no card", func(t *testing.T) {
		r := w.check("--only reader,card,certificate")
		assert.Equal(t, "card.absent", r.Verdict.Code, string(r.Facts))
		assert.Equal(t, 1, r.exit)
	})
	t.Run("services", func(t *testing.T) { serviceStates(t, w) })
	t.Run("machines written down", func(t *testing.T) { writtenMachines(t, w) })
	t.Run("a registry value of the system's", func(t *testing.T) {
		w.reg([4]string{`HKLM\SOFTWARE\Microsoft\Cryptography\Calais`, "DisableCapiOverrideForRSA", "REG_DWORD", "0"})
		assert.Contains(t, string(w.check("--only system").Facts), `"capiOverrideOff": 0`)
	})
	t.Run("no winscard.dll", func(t *testing.T) {
		out, err := w.Inside("WINEDLLOVERRIDES=winscard= wine64 " + w.Program + " check --json --only reader,system")
		require.NotEmpty(t, out, "%v", err)
		var r windowsReport
		require.NoError(t, json.Unmarshal([]byte(out), &r), out)
		assert.Equal(t, "unknown", r.status("reader.ready"), "it says so and does not die")
		assert.Equal(t, "ok", r.status("system.supported"))
	})
	t.Run("as the native host of Chromium", func(t *testing.T) {
		card := virtualcard.New(virtualcard.Healthy(time.Now()))
		remove := d.Insert(t, 0, card)
		defer remove()
		// Chromium starts a shell script, which starts the Windows program with the origin it was given.
		inner := filepath.Join(w.Shared, "enter.sh")
		require.NoError(t, os.WriteFile(inner, []byte(w.Enter()), 0o755))
		script := filepath.Join(w.Shared, "host.sh")
		require.NoError(t, os.WriteFile(script, fmt.Appendf(nil,
			"#!/bin/sh\nexec unshare -m sh -c \"$(cat %s)\" 'exec wine64 %s \"$@\"' sh \"$1\" 2>/dev/null\n", inner, w.Program), 0o755))
		m := manifests.ForHost(script)
		p := harness.StartBrowser(t, harness.Setup{Manifest: &m}).PressIcon()
		p.Screenshot("windows-host-ja")
		assert.Equal(t, "ok", p.Station("card"), p.Title())
		harness.RequireNoPINData(t, card)
	})
	t.Run("the card is read over winscard", func(t *testing.T) {
		card := virtualcard.New(virtualcard.Healthy(time.Now()))
		remove := d.Insert(t, 0, card)
		defer remove()
		r := w.check("--only reader,card,certificate")
		assert.Equal(t, "verdict.part-fine", r.Verdict.Code, string(r.Facts))
		assert.Equal(t, 0, r.exit)
		harness.RequireNoPINData(t, card)
		assert.Zero(t, card.Resets())
	})
}

// serviceStates tests the states of SCardSvr one after the other.
func serviceStates(t *testing.T, w *wine) {
	const smartCard = `HKLM\System\CurrentControlSet\Services\SCardSvr`
	for _, state := range []struct {
		name  string
		set   func()
		facts string // state and start type of SCardSvr
		want  string
	}{
		{"SCardSvr as Windows ships it", func() {}, "stopped manual", "service.ready ok"},
		{"SCardSvr disabled", func() {
			w.reg([4]string{smartCard, "Start", "REG_DWORD", "4"})
			w.Reboot()
		}, "stopped disabled", "service.smart-card-disabled failure"},
		{"SCardSvr running", func() {
			w.Must("wine64 sc delete SCardSvr >/dev/null")
			w.Reboot()
			w.Must(`wine64 sc create SCardSvr binPath= 'Z:\outside\` + filepath.Base(w.Shared) + `\service.exe' >/dev/null && wine64 sc start SCardSvr >/dev/null`)
		}, "running manual", "service.ready ok"},
		{"SCardSvr missing", func() {
			w.Reboot() // a service that runs is deleted when it ends
			w.Must("wine64 sc delete SCardSvr >/dev/null")
		}, "missing unknown", "service.smart-card-missing failure"},
	} {
		state.set()
		r := w.check("--only service")
		code, status, _ := strings.Cut(state.want, " ")
		given := r.status(code)
		assert.Equal(t, status, given, "%s: %s %s", state.name, code, r.Facts)
		var f facts.Facts
		require.NoError(t, json.Unmarshal(r.Facts, &f))
		service, _ := f.Service.Named(facts.SmartCardService)
		assert.Equal(t, state.facts, fmt.Sprintf("%s %s", service.State, service.Start), state.name)
		t.Logf("%-75s expected %-45s given %s %s", state.name, state.want, code, given)
	}
}
