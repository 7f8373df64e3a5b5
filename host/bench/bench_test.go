//go:build linux && cgo

// Package bench measures the program against its peers, both in one run: times are noisy, ratios less so.
package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"etax-doctor/checks"
	"etax-doctor/checks/finding"
	"etax-doctor/checks/simulate"
	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/virtualcard"
	"etax-doctor/host/e2e/harness"
	"etax-doctor/manifests"
)

func TestMain(m *testing.M) { harness.Main(m) }

func buildSource(b *testing.B, source string) string {
	b.Helper()
	file := filepath.Join(b.TempDir(), "main.go")
	require.NoError(b, os.WriteFile(file, []byte(source), 0o600))
	return harness.Build(b, file)
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

// success also accepts exit code 1, for a failure that was found: no bridge's app is installed for benchmarks.
func success(exit int) bool { return exit == 0 || exit == 1 }

// BenchmarkCardRead: our whole check, which reads the token, availability, both counters and the login certificate,
// against OpenSC, which reads less of the same card. A contactless card takes 10 to 20 ms for each command.
func BenchmarkCardRead(b *testing.B) {
	b.Setenv("XDG_STATE_HOME", b.TempDir())
	program := harness.Build(b, "etax-doctor/host")
	onlyJPKI := filepath.Join(b.TempDir(), "opensc.conf")
	require.NoError(b, os.WriteFile(onlyJPKI, []byte("app default { card_drivers = jpki; }\n"), 0o600))
	const byDefault = "/dev/null"
	forget := func() { _ = os.RemoveAll(filepath.Join(os.Getenv("XDG_STATE_HOME"), "etax-doctor")) }
	bare := buildSource(b, bareReader)
	for _, delay := range []time.Duration{0, 5 * time.Millisecond, 20 * time.Millisecond} {
		for _, short := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s-per-APDU/bare-%s", delay, map[bool]string{false: "extended", true: "short"}[short]), func(b *testing.B) {
				forget()
				c := harness.Insert(b, func(profile *virtualcard.Profile) { profile.Delay, profile.RefuseExtended = delay, short })
				check := func() { runProcess(b, nil, success, program, "check", "--json") }
				check() // the first one learns what the card refuses
				before := len(c.Record())
				check()
				var commands []string
				for _, command := range c.Record()[before:] {
					commands = append(commands, hex.EncodeToString(command))
				}
				measure(b, c, func() { runProcess(b, nil, success, bare, commands...) })
			})
		}
		for _, p := range []struct {
			name     string
			short    bool // the card refuses extended length
			opensc   string
			command  string
			commands []string
		}{
			{"ours-extended", false, "", program, []string{"check", "--json"}},
			{"ours-short", true, "", program, []string{"check", "--json"}},
			{"pkcs15-tool-certificate-and-pins-jpki-only", false, onlyJPKI, "pkcs15-tool", []string{"--reader", "0", "--read-certificate", "01", "--list-pins"}},
			{"pkcs15-tool-certificate-and-pins", false, byDefault, "pkcs15-tool", []string{"--reader", "0", "--read-certificate", "01", "--list-pins"}},
			{"pkcs15-tool-D", false, byDefault, "pkcs15-tool", []string{"--reader", "0", "-D"}},
			{"pkcs11-tool-O", false, byDefault, "pkcs11-tool", []string{"-O"}},
		} {
			b.Run(fmt.Sprintf("%s-per-APDU/%s", delay, p.name), func(b *testing.B) {
				forget()
				c := harness.Insert(b, func(profile *virtualcard.Profile) { profile.Delay, profile.RefuseExtended = delay, p.short })
				measure(b, c, func() { runProcess(b, []string{"OPENSC_CONF=" + p.opensc}, success, p.command, p.commands...) })
			})
		}
	}
}

// bareReader sends commands to the card in the first reader, and does nothing else: no program that uses the card could
// take less.
const bareReader = `package main

import (
	"encoding/hex"
	"os"

	"github.com/ebfe/scard"
)

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	pc, err := scard.EstablishContext()
	must(err)
	readers, err := pc.ListReaders()
	must(err)
	card, err := pc.Connect(readers[0], scard.ShareShared, scard.ProtocolAny)
	must(err)
	must(card.BeginTransaction())
	for _, text := range os.Args[1:] {
		command, err := hex.DecodeString(text)
		must(err)
		_, err = card.Transmit(command)
		must(err)
	}
	must(card.EndTransaction(scard.LeaveCard))
	must(card.Disconnect(scard.LeaveCard))
}
`

// BenchmarkManyReaders: the whole check with one reader, and with eight (16 slots, all that pcscd takes) and the card in
// the last.
func BenchmarkManyReaders(b *testing.B) {
	program := harness.Build(b, "etax-doctor/host")
	for _, n := range []int{1, 8} {
		b.Run(fmt.Sprintf("%d-slots", 2*n), func(b *testing.B) {
			names := make([]string, n)
			for i := range names {
				names[i] = fmt.Sprintf("Reader %c", 'A'+i)
			}
			d := pcsctest.Start(b, names...)
			c := virtualcard.New(virtualcard.Healthy(time.Now()))
			d.Insert(b, n-1, c)
			measure(b, c, func() { runProcess(b, nil, success, program, "check", "--json") })
		})
	}
}

// BenchmarkManySlots: the whole check without a process, with 16 and 64 slots (more than pcscd takes) and the card in the last.
func BenchmarkManySlots(b *testing.B) {
	for _, n := range []int{16, 64} {
		b.Run(fmt.Sprintf("%d-slots", n), func(b *testing.B) {
			machine, _, _ := simulate.New("healthy", time.Now())
			with := machine.PCSC.(*simulate.PCSC)
			for len(with.Slots) < n {
				with.Slots = append([]*simulate.Slot{{Name: fmt.Sprintf("Reader %02d", len(with.Slots))}}, with.Slots...)
			}
			for b.Loop() {
				r := checks.Run(b.Context(), machine, checks.Options{})
				require.Equal(b, finding.AllFine, r.Verdict.Code)
			}
		})
	}
}

// BenchmarkReplay: a thousand saved reports of an office on one processor, against reading and decoding the same files.
func BenchmarkReplay(b *testing.B) {
	program, reads := harness.Build(b, "etax-doctor/host"), buildSource(b, readsJSON)
	folder := b.TempDir()
	for i := range 1000 {
		name := simulate.Names()[i%len(simulate.Names())]
		file := filepath.Join(folder, fmt.Sprintf("PC-%04d.json", i))
		if first := filepath.Join(folder, fmt.Sprintf("PC-%04d.json", i%len(simulate.Names()))); i >= len(simulate.Names()) {
			require.NoError(b, os.Link(first, file))
			continue
		}
		runProcess(b, nil, success, program, "report", "--simulate", name, "--json", "--output", file)
	}
	one := []string{"GOMAXPROCS=1"}
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			runProcess(b, one, success, program, "check", "--replay", folder, "--json")
		}
	})
	b.Run("decoded", func(b *testing.B) {
		for b.Loop() {
			runProcess(b, one, success, reads, folder)
		}
	})
}

const readsJSON = `package main

import (
	"encoding/json"
	"os"
	"path/filepath"
)

func main() {
	files, err := filepath.Glob(filepath.Join(os.Args[1], "*"))
	if err != nil {
		panic(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			panic(err)
		}
		var report any
		if err := json.Unmarshal(data, &report); err != nil {
			panic(err)
		}
	}
}
`

// BenchmarkMachine: all probes of the operating system together against each alone, and the time of a whole check without
// a card.
func BenchmarkMachine(b *testing.B) {
	b.Setenv("XDG_STATE_HOME", b.TempDir())
	pcsctest.Start(b, harness.ReaderName)
	machine := checks.ThisMachine(time.Now())
	run := func(layers ...finding.Layer) func(*testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				checks.Run(b.Context(), machine, checks.Options{Only: layers})
			}
		}
	}
	for _, l := range []finding.Layer{"service", "system", "app", "policy", "security", "reader"} {
		b.Run("probes-of-"+string(l), run(l))
	}
	b.Run("all-probes", run())

	program := harness.Build(b, "etax-doctor/host")
	b.Run("process-without-card", func(b *testing.B) {
		for b.Loop() {
			runProcess(b, nil, success, program, "check", "--json")
		}
	})
}

// BenchmarkMemory: the peak memory of a process. The program that starts it needs little memory itself, because Linux
// also counts the memory of a new process before its exec.
func BenchmarkMemory(b *testing.B) {
	b.Setenv("XDG_STATE_HOME", b.TempDir())
	starter := buildSource(b, `package main

import (
	"os"
	"syscall"
)

func main() {
	process, err := os.StartProcess(os.Args[1], os.Args[1:], &os.ProcAttr{})
	if err != nil {
		panic(err)
	}
	state, err := process.Wait()
	if err != nil {
		panic(err)
	}
	if state.ExitCode() > 1 { // 1: a check that has found a failure, as there is no bridge's app here
		os.Exit(state.ExitCode())
	}
	println(state.SysUsage().(*syscall.Rusage).Maxrss)
}
`)
	program := harness.Build(b, "etax-doctor/host")
	pkcs15, err := exec.LookPath("pkcs15-tool")
	require.NoError(b, err)
	c := virtualcard.New(virtualcard.Healthy(time.Now()))
	pcsctest.Start(b, harness.ReaderName).Insert(b, 0, c)
	for _, p := range []struct {
		name    string
		command []string
	}{
		{"check", []string{program, "check", "--json"}},
		{"pkcs15-tool-certificate-and-pins", []string{pkcs15, "--reader", "0", "--read-certificate", "01", "--list-pins"}},
		{"empty-go-program-with-libpcsclite", []string{buildSource(b, linkedProgram)}},
	} {
		b.Run(p.name, func(b *testing.B) {
			most := 0
			for b.Loop() {
				cmd := exec.Command(starter, p.command...)
				var said strings.Builder
				cmd.Stderr = &said // the result of println, and error messages
				require.NoError(b, cmd.Run(), "%s", &said)
				lines := strings.Split(strings.TrimSpace(said.String()), "\n")
				kilobytes, err := strconv.Atoi(lines[len(lines)-1])
				require.NoError(b, err)
				most = max(most, kilobytes)
			}
			b.ReportMetric(float64(most)/1024, "peak-MB")
		})
	}
}

const emptyProgram = "package main\n\nfunc main() {}\n"

// BenchmarkWatchIdle: the processor time that five seconds of waiting cost, without a card and with one, and that of a
// program that waits for PC/SC and does nothing else.
func BenchmarkWatchIdle(b *testing.B) {
	program, waits := harness.Build(b, "etax-doctor/host"), buildSource(b, waitsForPCSC)
	idle := func(b *testing.B, name string, args ...string) {
		var used time.Duration
		for b.Loop() {
			ctx, cancel := context.WithTimeout(b.Context(), 5*time.Second)
			cmd := exec.CommandContext(ctx, name, args...)
			_ = cmd.Run()
			cancel()
			used += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		}
		b.ReportMetric(float64(used.Microseconds())/1000/float64(b.N)*12, "CPU-ms/minute")
	}
	b.Run("no-card", func(b *testing.B) { pcsctest.Start(b, harness.ReaderName); idle(b, program, "watch", "--json") })
	b.Run("card", func(b *testing.B) { harness.Insert(b, nil); idle(b, program, "watch", "--json") })
	b.Run("waits", func(b *testing.B) { harness.Insert(b, nil); idle(b, waits) })
}

const waitsForPCSC = `package main

import "github.com/ebfe/scard"

func main() {
	pc, err := scard.EstablishContext()
	if err != nil {
		panic(err)
	}
	readers, err := pc.ListReaders()
	if err != nil {
		panic(err)
	}
	states := []scard.ReaderState{{Reader: readers[0]}}
	for {
		if err := pc.GetStatusChange(states, -1); err != nil {
			panic(err)
		}
		states[0].CurrentState = states[0].EventState
	}
}
`

// BenchmarkStart: the host from exec to the last byte of hello, against an empty Go program from exec to its end, and
// against the smallest program that writes one frame.
func BenchmarkStart(b *testing.B) {
	b.Setenv("XDG_STATE_HOME", b.TempDir())
	program := harness.Build(b, "etax-doctor/host")
	empty := buildSource(b, emptyProgram)
	linked := buildSource(b, linkedProgram)
	smallest := buildSource(b, echoHost)
	b.Run("host-to-hello", func(b *testing.B) { firstFrame(b, program, manifests.AllowedOrigins()[0]) })
	b.Run("smallest-host-to-hello", func(b *testing.B) { firstFrame(b, smallest) })
	b.Run("empty-go-program", func(b *testing.B) { runToEnd(b, empty) })
	b.Run("empty-go-program-with-libpcsclite", func(b *testing.B) { runToEnd(b, linked) })
}

// linkedProgram does nothing, but is linked as ebfe/scard needs it on Linux, with cgo and libpcsclite: what that alone costs at
// the start.
const linkedProgram = `package main

// #cgo pkg-config: libpcsclite
// #include <winscard.h>
import "C"

import "os"

func main() {
	if len(os.Args) > 1 {
		C.SCardReleaseContext(0)
	}
}
`

// echoHost is the smallest host that a browser could use: it sends hello, and then sends back each message.
const echoHost = `package main

import (
	"encoding/binary"
	"io"
	"os"
)

func main() {
	message := []byte("{\"type\":\"hello\"}")
	for {
		os.Stdout.Write(append(binary.NativeEndian.AppendUint32(nil, uint32(len(message))), message...))
		var head [4]byte
		if _, err := io.ReadFull(os.Stdin, head[:]); err != nil {
			return
		}
		message = make([]byte, binary.NativeEndian.Uint32(head[:]))
		if _, err := io.ReadFull(os.Stdin, message); err != nil {
			return
		}
	}
}
`

// BenchmarkRoundTrip: a message to a running host and its answer. The message cancels a watch that does not exist.
func BenchmarkRoundTrip(b *testing.B) {
	b.Setenv("XDG_STATE_HOME", b.TempDir())
	for name, program := range map[string]string{"host": harness.Build(b, "etax-doctor/host"), "smallest-host": buildSource(b, echoHost)} {
		b.Run(name, func(b *testing.B) {
			cmd := exec.Command(program, manifests.AllowedOrigins()[0])
			in, err := cmd.StdinPipe()
			require.NoError(b, err)
			out, err := cmd.StdoutPipe()
			require.NoError(b, err)
			require.NoError(b, cmd.Start())
			harness.ReadFrame(b, out)
			frame := harness.Framed(`{"type":"cancel","id":"none"}`)
			for b.Loop() {
				_, err := in.Write(frame)
				require.NoError(b, err)
				harness.ReadFrame(b, out)
			}
			in.Close()
			require.NoError(b, cmd.Wait())
		})
	}
}

func runToEnd(b *testing.B, program string) {
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
		harness.ReadFrame(b, out)
		b.StopTimer()
		in.Close()
		_ = cmd.Wait()
		b.StartTimer()
	}
}
