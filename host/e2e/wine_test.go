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

	"etax-doctor/checks/pcsc/pcsctest"
	"etax-doctor/checks/virtualcard"
	"etax-doctor/manifests"
)

// wineEnv names the folder that testdata/wine/setup.sh has made.
const wineEnv = "ETAX_DOCTOR_WINE"

// wine is a Windows as far as Wine goes, with a registry of its own.
type wine struct {
	t       *testing.T
	root    string // the chroot
	shared  string // a folder that is the same inside, below /outside
	program string // etax-doctor.exe, as seen inside
}

func startWine(t *testing.T) *wine {
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

// unreg removes registry keys.
func (w *wine) unreg(keys ...string) {
	w.t.Helper()
	for _, k := range keys {
		w.must("wine64 reg delete '" + k + "' /f >/dev/null; wineserver -w")
	}
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

func (w *wine) check(args string) windowsReport {
	w.t.Helper()
	out, err := w.inside("wine64 " + w.program + " check --json " + args)
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
	t.Run("states of the machine", func(t *testing.T) { machineStates(t, w) })
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
		assert.Equal(t, "ok", p.finding("card.ready"))
		assert.Equal(t, "ok", p.finding("certificate.valid"))
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

// machineStates makes states of services, registrations and policies one after the other, and prints what is made of
// each.
func machineStates(t *testing.T, w *wine) {
	const (
		services  = `HKLM\System\CurrentControlSet\Services\`
		appPaths  = `HKLM\Software\Microsoft\Windows\CurrentVersion\App Paths\chrome.exe`
		hosts     = `Software\Google\Chrome\NativeMessagingHosts\jp.go.cao.mpa`
		policies  = `HKLM\Software\Policies\Google\Chrome`
		restarted = "wineserver -k; wineserver -w"
	)
	program := w.write("MPA.exe", "not a program, and never started")
	manifest := func(change func(map[string]any)) string {
		m := map[string]any{"name": "jp.go.cao.mpa", "path": program, "type": "stdio",
			"allowed_origins": []string{"chrome-extension://fjjibalalngebiaophebgkkohaaggphf/"}}
		if change != nil {
			change(m)
		}
		data, err := json.Marshal(m)
		require.NoError(t, err)
		return string(data)
	}
	good := w.write("マイナポータル.json", manifest(nil))
	w.reg([4]string{appPaths, "", "REG_SZ", `C:\chrome.exe`})
	register := func(root, path string) { w.reg([4]string{root + `\` + hosts, "", "REG_SZ", path}) }

	for _, state := range []struct {
		name  string
		set   func()
		reset func()
		only  string
		want  string
	}{
		{"SCardSvr as Windows ships it", func() {}, nil, "service", "service.ready ok"},
		{"SCardSvr disabled", func() {
			w.reg([4]string{services + "SCardSvr", "Start", "REG_DWORD", "4"})
			_, _ = w.inside(restarted)
		}, func() {
			w.reg([4]string{services + "SCardSvr", "Start", "REG_DWORD", "3"})
			_, _ = w.inside(restarted)
		}, "service", "service.smart-card-disabled failure"},
		{"SCardSvr running", func() {
			w.must("wine64 sc delete SCardSvr >/dev/null; wineserver -k || true; wineserver -w")
			w.must(`wine64 sc create SCardSvr binPath= 'Z:\outside\` + filepath.Base(w.shared) + `\service.exe' >/dev/null; wine64 sc start SCardSvr >/dev/null`)
		}, nil, "service", "service.ready ok"},
		{"SCardSvr missing", func() {
			_, _ = w.inside("wine64 sc stop SCardSvr; wine64 sc delete SCardSvr; " + restarted)
		}, nil, "service", "service.smart-card-missing failure"},
		{"the bridge's app is not registered", func() {}, nil, "app", "app.mynaportal-missing failure"},
		{"registered for this user, from a folder with Japanese in its name", func() { register("HKCU", good) }, func() { w.unreg(`HKCU\` + hosts) }, "app", "app.ready ok"},
		{"registered for the computer, 32-bit view", func() {
			w.reg([4]string{`HKLM\Software\Wow6432Node\Google\Chrome\NativeMessagingHosts\jp.go.cao.mpa`, "", "REG_SZ", good})
		}, func() { w.unreg(`HKLM\Software\Wow6432Node\Google`) }, "app", "app.ready ok"},
		{"manifest missing", func() { register("HKLM", `C:\nowhere.json`) }, nil, "app", "app.mynaportal-broken failure"},
		{"manifest broken", func() { register("HKLM", w.write("broken.json", "{")) }, nil, "app", "app.mynaportal-broken failure"},
		{"origin missing", func() {
			register("HKLM", w.write("origin.json", manifest(func(m map[string]any) { m["allowed_origins"] = []string{} })))
		}, nil, "app", "app.mynaportal-broken failure"},
		{"program missing", func() {
			register("HKLM", w.write("program.json", manifest(func(m map[string]any) { m["path"] = `C:\gone.exe` })))
		}, nil, "app", "app.mynaportal-broken failure"},
		{"registered for the computer", func() { register("HKLM", good) }, nil, "app", "app.ready ok"},
		{"no policy", func() {}, nil, "policy", "policy.clear ok"},
		{"all hosts blocked", func() { w.reg([4]string{policies + `\NativeMessagingBlocklist`, "1", "REG_SZ", "*"}) }, nil, "policy", "policy.native-messaging-blocked failure"},
		{"all hosts blocked, the bridge's allowed", func() {
			w.reg([4]string{policies + `\NativeMessagingAllowlist`, "1", "REG_SZ", "jp.go.cao.mpa"})
		}, func() { w.unreg(policies) }, "policy", "policy.clear ok"},
		{"command prompt disabled", func() {
			w.reg([4]string{`HKCU\Software\Policies\Microsoft\Windows\System`, "DisableCMD", "REG_DWORD", "1"})
		}, func() { w.unreg(`HKCU\Software\Policies\Microsoft\Windows\System`) }, "policy", "policy.command-prompt-disabled failure"},
	} {
		t.Run(state.name, func(t *testing.T) {
			state.set()
			r := w.check("--only " + state.only)
			code, status, _ := strings.Cut(state.want, " ")
			given := r.status(code)
			assert.Equal(t, status, given, "%s: %s", code, r.Facts)
			t.Logf("%-70s expected %-45s given %s %s", state.name, state.want, code, given)
			if state.reset != nil {
				state.reset()
			}
		})
	}
}
