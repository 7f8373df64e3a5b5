//go:build linux && cgo

// Package bench measures the program against its peers, both in one run: times are noisy, ratios less so.
package bench

import (
	"context"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"etax-doctor/checks/card"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/pcsc"
	"etax-doctor/checks/pcsc/pcsctest"
	"etax-doctor/checks/virtualcard"
	"etax-doctor/manifests"
)

const readerName = "SONY FeliCa RC-S300/P"

// build builds a Go program as it is shipped.
func build(b *testing.B, pkg string) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "program")
	out, err := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, pkg).CombinedOutput()
	require.NoError(b, err, string(out))
	return path
}

func buildSource(b *testing.B, source string) string {
	b.Helper()
	file := filepath.Join(b.TempDir(), "main.go")
	require.NoError(b, os.WriteFile(file, []byte(source), 0o600))
	return build(b, file)
}

func insert(b *testing.B) *virtualcard.Card {
	b.Helper()
	d := pcsctest.Start(b, readerName)
	c := virtualcard.New(virtualcard.Healthy(time.Now()))
	d.Insert(b, 0, c)
	return c
}

// measure runs f b.N times and reports how many APDUs the card received each time.
func measure(b *testing.B, c *virtualcard.Card, f func()) {
	before := len(c.Record())
	for b.Loop() {
		f()
	}
	b.ReportMetric(float64(len(c.Record())-before)/float64(b.N), "APDUs/op")
}

func runProcess(b *testing.B, env []string, ok func(exit int) bool, name string, args ...string) {
	cmd := exec.CommandContext(context.Background(), name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if !ok(cmd.ProcessState.ExitCode()) {
		b.Fatalf("%s: %v\n%s", name, err, out)
	}
}

func success(exit int) bool { return exit == 0 }

// BenchmarkCardRead: token, availability, both counters and the login certificate, against OpenSC reading counters and
// certificate of the same card.
func BenchmarkCardRead(b *testing.B) {
	c := insert(b)
	program := build(b, "etax-doctor/host")
	onlyJPKI := filepath.Join(b.TempDir(), "opensc.conf")
	require.NoError(b, os.WriteFile(onlyJPKI, []byte("app default { card_drivers = jpki; }\n"), 0o600))
	pkcs15 := []string{"--reader", "0", "--read-certificate", "01", "--list-pins"}

	b.Run("ours-in-process", func(b *testing.B) {
		measure(b, c, func() {
			pc, err := pcsc.New().Establish(b.Context())
			require.NoError(b, err)
			defer pc.Release()
			names, err := pc.Readers(b.Context())
			require.NoError(b, err)
			got := card.Probe(b.Context(), pcsc.New(), names[0], pcsc.State{Flags: pcsc.StatePresent}, card.Options{})
			require.Equal(b, facts.CardRead, got.Outcome)
		})
	})
	b.Run("ours-check-only-certificate", func(b *testing.B) {
		measure(b, c, func() { runProcess(b, nil, success, program, "check", "--json", "--only", "certificate") })
	})
	b.Run("ours-check-all", func(b *testing.B) {
		measure(b, c, func() { runProcess(b, nil, success, program, "check", "--json") })
	})
	b.Run("opensc-pkcs15-tool", func(b *testing.B) {
		measure(b, c, func() { runProcess(b, []string{"OPENSC_CONF=/dev/null"}, success, "pkcs15-tool", pkcs15...) })
	})
	b.Run("opensc-pkcs15-tool-jpki-driver-only", func(b *testing.B) {
		measure(b, c, func() { runProcess(b, []string{"OPENSC_CONF=" + onlyJPKI}, success, "pkcs15-tool", pkcs15...) })
	})
}

// BenchmarkStart: the host from exec to the last byte of hello, against an empty Go program from exec to its end, and
// against the smallest program that writes one frame.
func BenchmarkStart(b *testing.B) {
	b.Setenv("XDG_STATE_HOME", b.TempDir())
	program := build(b, "etax-doctor/host")
	empty := buildSource(b, "package main\n\nfunc main() {}\n")
	// ebfe/scard needs cgo and libpcsclite on Linux; this is what that alone costs at the start.
	linked := buildSource(b, `package main

// #cgo pkg-config: libpcsclite
// #include <winscard.h>
import "C"

import "os"

func main() {
	if len(os.Args) > 1 {
		C.SCardReleaseContext(0)
	}
}
`)
	smallest := buildSource(b, `package main

import (
	"encoding/binary"
	"io"
	"os"
)

func main() {
	body := "{\"type\":\"hello\"}"
	os.Stdout.Write(append(binary.NativeEndian.AppendUint32(nil, uint32(len(body))), body...))
	io.Copy(io.Discard, os.Stdin)
}
`)
	b.Run("host-to-hello", func(b *testing.B) { firstFrame(b, program, manifests.AllowedOrigins()[0]) })
	b.Run("smallest-host-to-hello", func(b *testing.B) { firstFrame(b, smallest) })
	b.Run("empty-go-program", func(b *testing.B) { toItsEnd(b, empty) })
	b.Run("empty-go-program-with-libpcsclite", func(b *testing.B) { toItsEnd(b, linked) })
}

func toItsEnd(b *testing.B, program string) {
	for b.Loop() {
		require.NoError(b, exec.Command(program).Run())
	}
}

func firstFrame(b *testing.B, program string, args ...string) {
	for b.Loop() {
		cmd := exec.Command(program, args...)
		in, err := cmd.StdinPipe()
		require.NoError(b, err)
		out, err := cmd.StdoutPipe()
		require.NoError(b, err)
		require.NoError(b, cmd.Start())
		var head [4]byte
		_, err = io.ReadFull(out, head[:])
		require.NoError(b, err)
		_, err = io.ReadFull(out, make([]byte, binary.NativeEndian.Uint32(head[:])))
		require.NoError(b, err)
		b.StopTimer()
		in.Close()
		_ = cmd.Wait()
		b.StartTimer()
	}
}
