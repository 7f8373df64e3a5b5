//go:build linux && cgo

// Package winetest runs the Windows program in tests, under Wine, in a chroot that testdata/wine/setup.sh has made.
package winetest

import (
	"context"
	"fmt"
	"io"
	"math"
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
	require.NoError(t, os.Mkdir(filepath.Join(shared, "tmp"), 0o700))
	t.Cleanup(func() {
		_, _ = w.Inside("wineserver -k; wineserver -w")
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
	w.install()
	w.Boot()
	return w
}

// install copies the new Windows that setup.sh has made. Its system files, of 0.7 GB, are links: nothing writes into them.
func (w *Windows) install() {
	w.T.Helper()
	const copyPrefix = `set -e
mkdir -p "$2/drive_c"
cp -al "$1/drive_c/windows" "$2/drive_c/" 2>/dev/null || cp -a "$1/drive_c/windows" "$2/drive_c/"
tar -C "$1" --exclude=./drive_c/windows -cf - . | tar -C "$2" -xf -`
	out, err := exec.Command("sh", "-c", copyPrefix, "sh", filepath.Join(w.root, "prefix-"+w.locale), filepath.Join(w.Shared, "prefix")).CombinedOutput()
	require.NoError(w.T, err, string(out))
}

// Reinstall shuts Windows down, and puts its disk and its registry back to what they were at the start.
func (w *Windows) Reinstall() {
	w.T.Helper()
	w.Shutdown()
	w.Must("rm -rf $WINEPREFIX")
	w.install()
}

// Boot starts Windows; it then runs until Shutdown, or until the test ends.
func (w *Windows) Boot() {
	w.T.Helper()
	w.Must("wineserver -p && wine64 cmd /c exit")
}

// Shutdown ends Windows with all its programs, and returns when the registry is on the disk.
func (w *Windows) Shutdown() {
	w.T.Helper()
	w.Must("wineserver -k2 || true; wineserver -w")
}

// Reboot makes Windows read again what it reads at its start.
func (w *Windows) Reboot() { w.T.Helper(); w.Shutdown(); w.Boot() }

// Enter is a shell script that runs its first argument as a shell command in the chroot, with the rest as arguments. The
// system's temporary folder, where pcscd's socket is, is /outside there. All its calls see the same /tmp, where the socket
// of Wine's server is: two servers with one registry would destroy it.
func (w *Windows) Enter() string {
	return fmt.Sprintf(`set -e
mount -t proc proc %[1]s/proc
mount --bind %[2]s %[1]s/outside
mount --bind %[2]s/%[3]s/tmp %[1]s/tmp
exec chroot %[1]s env -i HOME=/root PATH=/usr/lib/wine:/usr/bin:/bin LC_ALL=%[5]s WINEDEBUG=-all WINEARCH=win64 \
  WINEPREFIX=/outside/%[3]s/prefix LD_LIBRARY_PATH=/pcsclite PCSCLITE_CSOCK_NAME=/outside/%[4]s \
  sh -c "$0" "$@"`, w.root, os.TempDir(), filepath.Base(w.Shared), filepath.Base(os.Getenv(socketEnv)), w.locale)
}

// Inside runs a shell command in the chroot.
func (w *Windows) Inside(command string) (string, error) {
	// A script may start a hundred programs, on a computer that is busy: the limit only ends what hangs.
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "unshare", "-m", "sh", "-c", w.Enter(), command, "sh")
	// Files, because the programs that it leaves running hold its output open.
	stdout, stderr := w.unnamedFile(), w.unnamedFile()
	defer stdout.Close()
	defer stderr.Close()
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err := cmd.Run()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, written(stderr))
	}
	return strings.ReplaceAll(string(written(stdout)), "\r", ""), err
}

// Must is Inside for a command that has to succeed.
func (w *Windows) Must(command string) string {
	w.T.Helper()
	out, err := w.Inside(command)
	require.NoError(w.T, err, "%s\n%s", command, out)
	return out
}

func (w *Windows) unnamedFile() *os.File {
	w.T.Helper()
	file, err := os.CreateTemp(w.Shared, "output")
	require.NoError(w.T, err)
	require.NoError(w.T, os.Remove(file.Name()))
	return file
}

// written is what has been written to a file so far.
func written(file *os.File) []byte {
	out, _ := io.ReadAll(io.NewSectionReader(file, 0, math.MaxInt64))
	return out
}
