//go:build linux

// Package pcsctest runs private instances of the real pcscd with virtual readers, for tests. It does not use the
// system's own PC/SC: each instance has its own socket, which clients find through PCSCLITE_CSOCK_NAME.
package pcsctest

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/checks/smartcard/virtualcard"
)

const (
	daemon = "/usr/sbin/pcscd"
	driver = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
	nobody = 65534
	// runDir must exist for pcscd to start, though a private instance writes nothing there.
	runDir = "/run/pcscd"
	// SocketEnv is the environment variable that makes a pcsc-lite client connect to an instance.
	SocketEnv = "PCSCLITE_CSOCK_NAME"
	// waitLimit ends what hangs.
	waitLimit = 2 * time.Minute
)

// socketPath is the same for the whole process: libpcsclite reads the variable once and keeps its value. So there is
// one instance at a time, and tests with instances do not run in parallel within a package.
var socketPath = filepath.Join(os.TempDir(), fmt.Sprintf("etax-doctor-pcscd-%d.comm", os.Getpid()))

// Daemon is a private pcscd.
type Daemon struct {
	Socket string
	names  []string
	ports  []int
	dir    string
	cmd    *exec.Cmd
}

// Start runs a pcscd with the named readers (one slot of each is used) until the test ends, and makes this process's
// PC/SC use it. A machine without pcscd and vpcd fails the test: the README's test command installs them.
func Start(t testing.TB, readers ...string) *Daemon {
	t.Helper()
	dir, err := os.MkdirTemp("", "pcscd")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { os.RemoveAll(dir) })
	d := &Daemon{Socket: socketPath, dir: dir}
	for i, name := range readers {
		d.addReader(t, i, name)
	}
	d.run(t)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log("pcscd: " + d.Log())
		}
	})
	t.Setenv(SocketEnv, socketPath)
	d.waitForReaders(t, len(readers))
	return d
}

// Environment makes a program that this process starts find the socket of Start's pcscd, also one that is started later.
func Environment() string { return SocketEnv + "=" + socketPath }

// addReader writes a reader's configuration. Two readers with the same driver file overwrite each other, so each has
// its own copy, behind a shim that can simulate faults.
func (d *Daemon) addReader(t testing.TB, i int, name string) {
	port := freePorts(t)
	library := filepath.Join(d.dir, fmt.Sprintf("shim%d.so", i))
	for from, to := range map[string]string{shim(t): library, driver: library + ".real"} {
		data, err := os.ReadFile(from)
		require.NoError(t, err, "vsmartcard-vpcd is not installed; make test installs it")
		require.NoError(t, os.WriteFile(to, data, 0o755))
	}
	require.NoError(t, os.MkdirAll(d.faults(i), 0o755))
	config := filepath.Join(d.dir, "readers")
	require.NoError(t, os.MkdirAll(config, 0o755))
	entry := fmt.Sprintf("FRIENDLYNAME %q\nDEVICENAME /dev/null:0x%04X\nLIBPATH %s\nCHANNELID 0x%04X\n", name, port, library, port)
	require.NoError(t, os.WriteFile(filepath.Join(config, fmt.Sprintf("reader%d", i)), []byte(entry), 0o644))
	d.names, d.ports = append(d.names, name), append(d.ports, port)
}

//go:embed testdata/shim.c
var shimC []byte

// shim compiles the shim, unless a test process has done so before, and returns its path.
func shim(t testing.TB) string {
	t.Helper()
	path := filepath.Join(os.TempDir(), fmt.Sprintf("etax-doctor-shim-%d-%x.so", os.Getuid(), sha256.Sum256(shimC)))
	if _, err := os.Stat(path); err == nil {
		return path
	}
	made := filepath.Join(t.TempDir(), "shim")
	require.NoError(t, os.WriteFile(made+".c", shimC, 0o644))
	out, err := exec.Command("gcc", "-shared", "-fPIC", "-Wall", "-Werror", "-O1", "-I/usr/include/PCSC", "-o", made+".so", made+".c").CombinedOutput()
	require.NoError(t, err, string(out))
	data, err := os.ReadFile(made + ".so")
	require.NoError(t, err)
	// Another process may do the same: the file is there whole, or not at all.
	written := fmt.Sprintf("%s.%d", path, os.Getpid())
	require.NoError(t, os.WriteFile(written, data, 0o755))
	require.NoError(t, os.Rename(written, path))
	return path
}

// Fault is a fault that a reader or its driver can simulate.
type Fault string

// The reader is unplugged; its card cannot be powered; no command gets through to the card.
const (
	Gone Fault = "gone"
	Mute Fault = "mute"
	Comm Fault = "comm"
	// Once makes one command fail; then the reader works again.
	Once Fault = "once"
	// Extended breaks the connection over extended-length commands only.
	Extended Fault = "extended"
)

func (d *Daemon) faults(reader int) string {
	return filepath.Join(d.dir, fmt.Sprintf("shim%d.so.faults", reader))
}

// Fail makes a reader show a fault until the returned function is called.
func (d *Daemon) Fail(t testing.TB, reader int, fault Fault) (repair func()) {
	t.Helper()
	path := filepath.Join(d.faults(reader), string(fault))
	require.NoError(t, os.WriteFile(path, nil, 0o644))
	return func() { os.Remove(path) }
}

// The ports of the virtual readers. The kernel gives outgoing connections ports from 32768 on (ip_local_port_range): one of
// those could be taken by any program between our look at it and vpcd's.
const firstPort, lastPort = 20000, 32000

// freePorts finds two consecutive ports, which vpcd needs for its two slots, and returns the first. The pair stays this
// test's own until it ends: a listening abstract socket named after it keeps the other test processes away.
func freePorts(t testing.TB) int {
	for range 100 {
		port := firstPort + 2*rand.IntN((lastPort-firstPort)/2)
		claim, err := net.Listen("unix", fmt.Sprintf("@etax-doctor-vpcd-%d", port))
		if err != nil {
			continue
		}
		if free(port) && free(port+1) {
			t.Cleanup(func() { claim.Close() })
			return port
		}
		claim.Close()
	}
	t.Fatal("no two free ports in a row")
	return 0
}

func free(port int) bool {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return false
	}
	l.Close()
	return true
}

// run starts pcscd by socket activation and not as root: as root, it would remove the system's pid file.
func (d *Daemon) run(t testing.TB) {
	config := filepath.Join(d.dir, "readers")
	require.NoError(t, os.MkdirAll(config, 0o755))
	removeStale()
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: d.Socket})
	require.NoError(t, err)
	listener.SetUnlinkOnClose(false)
	require.NoError(t, os.Chmod(d.Socket, 0o777))
	socket, err := listener.File()
	require.NoError(t, err)
	listener.Close()
	defer socket.Close()
	log, err := os.Create(filepath.Join(d.dir, "log"))
	require.NoError(t, err)
	defer log.Close()
	d.cmd = exec.Command("sh", "-c", `LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" --foreground --config "$1"`, daemon, config)
	d.cmd.ExtraFiles = []*os.File{socket}
	d.cmd.Stdout, d.cmd.Stderr = log, log
	d.cmd.Dir = "/"
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if os.Getuid() == 0 {
		require.NoError(t, os.MkdirAll(runDir, 0o755))
		d.cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	require.NoError(t, d.cmd.Start(), "pcscd is not installed; make test installs it")
	t.Cleanup(d.Stop)
}

// removeStale removes the socket that an earlier test process with this process's id has left, if it was killed.
var removeStale = sync.OnceFunc(func() { _ = os.Remove(socketPath) })

// Stop ends the daemon and removes its socket. It may be called twice.
func (d *Daemon) Stop() {
	if d.cmd == nil {
		return
	}
	_ = d.cmd.Process.Kill()
	_ = d.cmd.Wait()
	d.cmd = nil
	os.Remove(d.Socket)
}

// Freeze suspends the daemon (SIGSTOP) until the test ends, so that it answers nothing.
func (d *Daemon) Freeze(t testing.TB) {
	t.Helper()
	require.NoError(t, d.cmd.Process.Signal(syscall.SIGSTOP))
}

// Restart starts the daemon again after Stop, with the same readers.
func (d *Daemon) Restart(t testing.TB) {
	t.Helper()
	d.run(t)
	d.waitForReaders(t, len(d.names))
}

// Log returns what the daemon has written.
func (d *Daemon) Log() string {
	f, err := os.Open(filepath.Join(d.dir, "log"))
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	b, _ := io.ReadAll(f)
	return strings.ToValidUTF8(string(b), "?")
}

func (d *Daemon) waitForReaders(t testing.TB, n int) {
	WaitFor(t, "the readers", func(pc pcsc.Context) bool {
		names, err := pc.Readers(t.Context())
		return err == nil && len(names) == 2*n // vpcd gives two slots each
	})
}

// WaitFor polls PC/SC until the condition holds.
func WaitFor(t testing.TB, what string, holds func(pcsc.Context) bool) {
	t.Helper()
	require.Eventually(t, func() bool {
		pc, err := pcsc.New().Establish(t.Context())
		if err != nil {
			return false
		}
		defer pc.Release()
		return holds(pc)
	}, waitLimit, 5*time.Millisecond, "waiting for %s", what)
}

// WaitForState waits until a reader's first slot shows the flags.
func (d *Daemon) WaitForState(t testing.TB, reader int, flags pcsc.StateFlags) {
	t.Helper()
	WaitFor(t, fmt.Sprintf("state %X of reader %d", flags, reader), func(pc pcsc.Context) bool {
		slot := d.firstSlot(t, pc, reader)
		if slot == "" {
			return false
		}
		states, err := pc.States(t.Context(), []string{slot})
		return err == nil && states[0].Flags.Has(flags)
	})
}

// Insert puts a card into the first slot of a reader and waits until PC/SC sees it. The returned function takes it
// off again and waits until PC/SC has noticed.
func (d *Daemon) Insert(t testing.TB, reader int, card *virtualcard.Card) (remove func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- card.Insert(ctx, fmt.Sprintf("127.0.0.1:%d", d.ports[reader])) }()
	d.WaitForState(t, reader, pcsc.StatePresent)
	t.Cleanup(cancel)
	return func() {
		t.Helper()
		cancel()
		require.NoError(t, <-done)
		d.WaitForState(t, reader, pcsc.StateEmpty)
	}
}

// SlotName is the PC/SC name of a reader's first slot.
func (d *Daemon) SlotName(t testing.TB, reader int) (name string) {
	t.Helper()
	WaitFor(t, "the slot's name", func(pc pcsc.Context) bool {
		name = d.firstSlot(t, pc, reader)
		return name != ""
	})
	return name
}

// firstSlot looks a slot up by its reader's name: pcscd lists readers in no particular order.
func (d *Daemon) firstSlot(t testing.TB, pc pcsc.Context, reader int) string {
	names, err := pc.Readers(t.Context())
	if err != nil {
		return ""
	}
	slices.Sort(names)
	i := slices.IndexFunc(names, func(n string) bool { return strings.HasPrefix(n, d.names[reader]+" ") })
	if i < 0 {
		return ""
	}
	return names[i]
}
