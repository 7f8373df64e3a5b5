//go:build linux && cgo

// Package winetest runs the Windows program in tests, under Wine, in a chroot that testdata/wine/setup.sh has made.
package winetest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// socketEnv is the variable with the path of pcscd's socket for libpcsclite, both outside and inside the chroot.
const socketEnv = "PCSCLITE_CSOCK_NAME"

// Env is the variable with the path of the folder that testdata/wine/setup.sh has made.
const Env = "ETAX_DOCTOR_WINE"

// Windows is a Windows system under Wine, with a registry of its own.
type Windows struct {
	T       testing.TB
	root    string // the chroot
	Shared  string // a folder that is also visible inside, below /outside
	Program string // etax-doctor.exe, as seen inside
	locale  string
}

// The locales of a Windows system; in the Japanese one, it uses code page 932.
const (
	English  = "C.UTF-8"
	Japanese = "ja_JP.UTF-8"
)

// Start starts a Windows system, or skips the test if that is not possible.
func Start(t testing.TB) *Windows { t.Helper(); return StartIn(t, English) }

// StartIn starts a Windows system with a locale.
func StartIn(t testing.TB, locale string) *Windows {
	t.Helper()
	root := os.Getenv(Env)
	if _, err := os.Stat(filepath.Join(root, "ready")); root == "" || err != nil || os.Getuid() != 0 {
		t.Skip("not checked: the Windows program under Wine, which needs root and " + Env + "; make test sets it up where it can")
	}
	shared, err := os.MkdirTemp("", "wine")
	require.NoError(t, err)
	w := &Windows{T: t, root: root, Shared: shared, Program: "/outside/" + filepath.Base(shared) + "/etax-doctor.exe", locale: locale}
	t.Cleanup(func() {
		w.Inside("wineserver -k")
		os.RemoveAll(shared)
	})
	build := exec.Command("go", "build", "-trimpath", "-buildmode=pie", "-ldflags=-s -w", "-o", filepath.Join(shared, "etax-doctor.exe"), "etax-doctor/host")
	build.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	service := exec.Command("go", "build", "-o", filepath.Join(shared, "service.exe"), "etax-doctor/testdata/wine/service")
	service.Env = build.Env
	out, err = service.CombinedOutput()
	require.NoError(t, err, string(out))
	w.Must("wineboot --init && wineserver -w")
	return w
}

// Enter is a shell script that runs its first argument as a shell command in the chroot, with the rest as arguments. The
// system's temporary folder, where pcscd's socket is, is /outside there.
func (w *Windows) Enter() string {
	return fmt.Sprintf(`set -e
mount -t proc proc %[1]s/proc
mount --bind %[2]s %[1]s/outside
mount -t tmpfs tmpfs %[1]s/tmp
exec chroot %[1]s env -i HOME=/root PATH=/usr/lib/wine:/usr/bin:/bin LC_ALL=%[5]s WINEDEBUG=-all WINEARCH=win64 \
  WINEPREFIX=/outside/%[3]s/prefix LD_LIBRARY_PATH=/pcsclite PCSCLITE_CSOCK_NAME=/outside/%[4]s \
  sh -c "$0" "$@"`, w.root, os.TempDir(), filepath.Base(w.Shared), filepath.Base(os.Getenv(socketEnv)), w.locale)
}

// Inside runs a shell command in the chroot.
func (w *Windows) Inside(command string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "unshare", "-m", "sh", "-c", w.Enter(), command, "sh")
	cmd.WaitDelay = 10 * time.Second // what it has started may hold its output open
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, stderr.String())
	}
	return strings.ReplaceAll(string(out), "\r", ""), err
}

// Must is Inside for a command that has to succeed.
func (w *Windows) Must(command string) string {
	w.T.Helper()
	out, err := w.Inside(command)
	require.NoError(w.T, err, "%s\n%s", command, out)
	return out
}
