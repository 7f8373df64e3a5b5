//go:build linux && cgo

package e2e

import (
	"bytes"
	"context"
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
	"etax-doctor/checks/pcsc/pcsctest"
	"etax-doctor/checks/virtualcard"
	"etax-doctor/manifests"
)

// wineEnv names the folder that testdata/wine/setup.sh has made.
const wineEnv = "ETAX_DOCTOR_WINE"

// wine is a Windows as far as Wine goes, with a registry of its own.
type wine struct {
	t       testing.TB
	root    string // the chroot
	shared  string // a folder that is the same inside, below /outside
	program string // etax-doctor.exe, as seen inside
}

func startWine(t testing.TB) *wine {
	t.Helper()
	root := os.Getenv(wineEnv)
	if _, err := os.Stat(filepath.Join(root, "ready")); root == "" || err != nil || os.Getuid() != 0 {
		t.Skip("not checked: the Windows program under Wine, which needs root and " + wineEnv + "; make test sets it up where it can")
	}
	shared, err := os.MkdirTemp("", "wine")
	require.NoError(t, err)
	w := &wine{t: t, root: root, shared: shared, program: "/outside/" + filepath.Base(shared) + "/etax-doctor.exe"}
	t.Cleanup(func() {
		w.inside("wineserver -k")
		os.RemoveAll(shared)
	})
	build := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(shared, "etax-doctor.exe"), "etax-doctor/host")
	build.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	service := exec.Command("go", "build", "-o", filepath.Join(shared, "service.exe"), "../../testdata/wine/service/main.go")
	service.Env = build.Env
	out, err = service.CombinedOutput()
	require.NoError(t, err, string(out))
	w.must("wineboot --init && wineserver -w")
	return w
}

// write puts a file where the Windows program sees it as Z:\outside\…
func (w *wine) write(name, content string) (windowsPath string) {
	w.t.Helper()
	require.NoError(w.t, os.WriteFile(filepath.Join(w.shared, name), []byte(content), 0o644))
	return `Z:\outside\` + filepath.Base(w.shared) + `\` + name
}

// reg sets registry values: key, name, type and data of each; an empty name is the default value.
func (w *wine) reg(values ...[4]string) {
	w.t.Helper()
	var script strings.Builder
	for _, v := range values {
		name := "/v '" + v[1] + "'"
		if v[1] == "" {
			name = "/ve"
		}
		fmt.Fprintf(&script, "wine64 reg add '%s' %s /t %s /d '%s' /f >/dev/null\n", v[0], name, v[2], v[3])
	}
	w.must(script.String() + "wineserver -w")
}

// enter is a shell script that runs its first argument as a shell command in the chroot, with the rest as arguments. The
// system's temporary folder, where pcscd's socket is, is /outside there.
func (w *wine) enter() string {
	return fmt.Sprintf(`set -e
mount -t proc proc %[1]s/proc
mount --bind %[2]s %[1]s/outside
mount -t tmpfs tmpfs %[1]s/tmp
exec chroot %[1]s env -i HOME=/root PATH=/usr/lib/wine:/usr/bin:/bin LANG=C.UTF-8 WINEDEBUG=-all WINEARCH=win64 \
  WINEPREFIX=/outside/%[3]s/prefix LD_LIBRARY_PATH=/pcsclite PCSCLITE_CSOCK_NAME=/outside/%[4]s \
  sh -c "$0" "$@"`, w.root, os.TempDir(), filepath.Base(w.shared), filepath.Base(os.Getenv(pcsctest.SocketEnv)))
}

func (w *wine) inside(command string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "unshare", "-m", "sh", "-c", w.enter(), command, "sh")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, stderr.String())
	}
	return strings.ReplaceAll(string(out), "\r", ""), err
}

func (w *wine) must(command string) string {
	w.t.Helper()
	out, err := w.inside(command)
	require.NoError(w.t, err, "%s\n%s", command, out)
	return out
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

func (w *wine) check(args string) windowsReport { w.t.Helper(); return w.checkAfter(":", args) }

// checkAfter runs a check after a command and in the same Windows session: what runs ends with its session.
func (w *wine) checkAfter(command, args string) windowsReport {
	w.t.Helper()
	out, err := w.inside(command + " >/dev/null; wine64 " + w.program + " check --json " + args)
	r := windowsReport{}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		r.exit = exit.ExitCode()
	}
	require.NoError(w.t, json.Unmarshal([]byte(out), &r), "%v\n%s", err, out)
	return r
}

func TestWindowsProgramUnderWine(t *testing.T) {
	d := pcsctest.Start(t, readerName)
	w := startWine(t)

	t.Run("version", func(t *testing.T) {
		assert.Contains(t, w.must("wine64 "+w.program+" version"), "etax-doctor")
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
		out, err := w.inside("WINEDLLOVERRIDES=winscard= wine64 " + w.program + " check --json --only reader,system")
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
		inner := filepath.Join(w.shared, "enter.sh")
		require.NoError(t, os.WriteFile(inner, []byte(w.enter()), 0o755))
		script := filepath.Join(w.shared, "host.sh")
		require.NoError(t, os.WriteFile(script, fmt.Appendf(nil,
			"#!/bin/sh\nexec unshare -m sh -c \"$(cat %s)\" 'exec wine64 %s \"$@\"' sh \"$1\" 2>/dev/null\n", inner, w.program), 0o755))
		m := manifests.ForHost(script)
		p := startBrowser(t, setup{manifest: &m}).pressIcon()
		p.screenshot("windows-host-ja")
		assert.Equal(t, "ok", p.node("card"))
		requireNoPINData(t, card)
	})
	t.Run("the card is read over winscard", func(t *testing.T) {
		card := virtualcard.New(virtualcard.Healthy(time.Now()))
		remove := d.Insert(t, 0, card)
		defer remove()
		r := w.check("--only reader,card,certificate")
		assert.Equal(t, "verdict.part-fine", r.Verdict.Code, string(r.Facts))
		assert.Equal(t, 0, r.exit)
		requireNoPINData(t, card)
		assert.Zero(t, card.Resets())
	})
}

// BenchmarkProbesUnderWine runs the benchmark of the operating system's probes as a Windows program.
func BenchmarkProbesUnderWine(b *testing.B) {
	w := startWine(b)
	build := exec.Command("go", "test", "-c", "-o", filepath.Join(w.shared, "checks.exe"), "etax-doctor/checks")
	build.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(b, err, string(out))
	for b.Loop() {
		b.Log(w.must("wine64 /outside/" + filepath.Base(w.shared) + "/checks.exe -test.run '^$' -test.bench Probes"))
	}
}

// serviceStates makes states of SCardSvr one after the other.
func serviceStates(t *testing.T, w *wine) {
	const (
		smartCard = `HKLM\System\CurrentControlSet\Services\SCardSvr`
		restarted = "wineserver -k; wineserver -w"
	)
	for _, state := range []struct {
		name  string
		set   func()
		start string // a command in the session of the check
		facts string // state and start type of SCardSvr
		want  string
	}{
		{"SCardSvr as Windows ships it", func() {}, ":", "stopped manual", "service.ready ok"},
		{"SCardSvr disabled", func() {
			w.reg([4]string{smartCard, "Start", "REG_DWORD", "4"})
			_, _ = w.inside(restarted)
		}, ":", "stopped disabled", "service.smart-card-disabled failure"},
		{"SCardSvr running", func() {
			w.must("wine64 sc delete SCardSvr >/dev/null; wineserver -k || true; wineserver -w")
			w.must(`wine64 sc create SCardSvr binPath= 'Z:\outside\` + filepath.Base(w.shared) + `\service.exe' >/dev/null`)
		}, "wine64 sc start SCardSvr", "running manual", "service.ready ok"},
		{"SCardSvr missing", func() {
			_, _ = w.inside("wine64 sc delete SCardSvr; " + restarted)
		}, ":", "missing unknown", "service.smart-card-missing failure"},
	} {
		state.set()
		r := w.checkAfter(state.start, "--only service")
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
