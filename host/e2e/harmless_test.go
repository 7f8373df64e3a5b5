//go:build linux && cgo

package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/virtualcard"
	"etax-doctor/host/e2e/harness"
	"etax-doctor/manifests"
)

// reading is the reader and the card for one reading by the real program.
type reading struct {
	t      *testing.T
	daemon *pcsctest.Daemon
	card   *virtualcard.Card
	remove func() // takes the card off the reader
	slot   string
}

// interruption is an event during a reading, while the card processes one of its commands. It returns a function that is
// called after the reading.
type interruption func(r *reading, program *exec.Cmd, in io.Closer) (afterwards func())

func nothing() {}

const unreachable = "no command gets through any more"

func bySignal(s os.Signal) interruption {
	return func(_ *reading, program *exec.Cmd, _ io.Closer) func() { _ = program.Process.Signal(s); return nothing }
}

func fails(fault pcsctest.Fault) interruption {
	return func(r *reading, _ *exec.Cmd, _ io.Closer) func() { return r.daemon.Fail(r.t, 0, fault) }
}

// way is one way in which a reading ends: by itself, or after an interruption.
type way struct {
	name    string
	host    bool // as a browser's host; a command otherwise
	happens interruption
	slow    bool // takes most of a second each time
}

var ways = []way{
	{"it ends by itself", false, func(*reading, *exec.Cmd, io.Closer) func() { return nothing }, false},
	{"SIGINT", false, bySignal(os.Interrupt), false},
	{"SIGTERM", false, bySignal(syscall.SIGTERM), false},
	{"SIGHUP", false, bySignal(syscall.SIGHUP), false},
	{"one command is lost", false, fails(pcsctest.Once), false},
	{unreachable, false, fails(pcsctest.Comm), true},
	{"the card is taken off", false, func(r *reading, _ *exec.Cmd, _ io.Closer) func() {
		off := make(chan struct{})
		go func() {
			defer close(off)
			r.remove()
		}()
		return func() { <-off; r.remove = r.daemon.Insert(r.t, 0, r.card) }
	}, true},
	{"the browser closes the port", true, func(_ *reading, _ *exec.Cmd, in io.Closer) func() { in.Close(); return nothing }, false},
	{"SIGINT to the host", true, bySignal(os.Interrupt), false},
	{"SIGTERM to the host", true, bySignal(syscall.SIGTERM), false},
	{"SIGHUP to the host", true, bySignal(syscall.SIGHUP), false},
}

// However and whenever a reading ends, another program that uses the card without a transaction loses no PIN try and sees
// no reset: its PIN is never checked against the PIN of the other key, where it would count as wrong.
func TestItHarmsNobody(t *testing.T) {
	for name, change := range map[string]func(*virtualcard.Profile){
		"short identifiers": func(*virtualcard.Profile) {},
		"without them":      func(p *virtualcard.Profile) { p.RefuseSFI = true },
	} {
		t.Run(name, func(t *testing.T) {
			profile := virtualcard.Healthy(time.Now())
			change(&profile)
			r := &reading{t: t, daemon: pcsctest.Start(t, harness.ReaderName), card: virtualcard.New(profile)}
			r.remove = r.daemon.Insert(t, 0, r.card)
			r.slot = r.daemon.SlotName(t, 0)
			for _, way := range ways {
				for _, pin := range []pcsctest.PIN{pcsctest.LoginPIN, pcsctest.SigningPIN} {
					t.Run(fmt.Sprintf("%s, %s", way.name, pin), func(t *testing.T) {
						at, step := 1, 1
						if way.slow && os.Getenv("SOAK") == "" { // each PIN at every second command; make soak tests all
							step = 2
							if pin == pcsctest.SigningPIN {
								at = 2
							}
						}
						for r.play(way, pin, at, fmt.Sprintf("at command %d", at)) {
							at += step
						}
						require.Greater(t, at, 6, "a reading has more commands than that")
					})
				}
			}
		})
	}
}

// play interrupts one reading at its nth command, while another program waits to use the card. It returns false if the
// reading did not reach that command.
func (r *reading) play(way way, pin pcsctest.PIN, at int, what string) (reached bool) {
	r.t.Helper()
	now, end := pcsctest.AboutToVerify(r.t, r.slot, pin)
	resets := r.card.Resets()

	program := exec.Command(harness.HostProgram, "check", "--only", "card")
	if way.host {
		program = exec.Command(harness.HostProgram, manifests.AllowedOrigins()[0])
	}
	program.Env = append(os.Environ(), "XDG_STATE_HOME="+r.t.TempDir())
	in, err := program.StdinPipe()
	require.NoError(r.t, err)
	out, err := program.StdoutPipe()
	require.NoError(r.t, err)
	begun := make(chan struct{})
	happened := make(chan func(), 1)
	r.card.At(at, func() {
		<-begun
		now()
		happened <- way.happens(r, program, in)
	})
	require.NoError(r.t, program.Start())
	close(begun)
	if way.host {
		_, err = in.Write(harness.Framed(`{"type":"diagnose","id":"1","only":["card"]}`))
		require.NoError(r.t, err)
		for line := bufio.NewReader(out); ; { // a browser closes the port after the report
			text, err := line.ReadString('}')
			if err != nil || strings.Contains(text, `"type":"report"`) {
				in.Close()
				break
			}
		}
	}
	_, _ = io.Copy(io.Discard, out)
	_ = program.Wait()
	r.card.At(0, nil)
	select {
	case afterwards := <-happened:
		reached = true
		afterwards()
	default:
	}
	words := end()
	login, signing := r.card.Tries()
	require.Equal(r.t, []int{3, 5}, []int{login, signing}, "%s: %v", what, words)
	if r.card.Resets() != resets {
		// If the card cannot be reached while a PIN's EF is selected, a reset is right: the other program gets an error.
		require.True(r.t, way.name == unreachable && r.card.Resets() == resets+1, "%s: %v", what, words)
		assert.Greater(r.t, len(words[0]), 4, "%s: %v", what, words)
	}
	assert.NotRegexp(r.t, "^63", words[0], what)
	for _, sw := range words[1:] {
		assert.Equal(r.t, "9000", sw, "%s: %v", what, words)
	}
	return reached
}

// Here OpenSC is the other program. Its signature succeeds if our reading starts at any of OpenSC's commands, waits for
// it and is ended by a signal. It also succeeds if it starts at any command of our reading, which a signal then ends.
func TestItHarmsNoOpenSC(t *testing.T) {
	profile := virtualcard.Healthy(time.Now())
	profile.RefuseSFI = true
	r := &reading{t: t, daemon: pcsctest.Start(t, harness.ReaderName), card: virtualcard.New(profile)}
	r.daemon.Insert(t, 0, r.card)
	folder := t.TempDir()
	digest := filepath.Join(folder, "digest")
	require.NoError(t, os.WriteFile(digest, make([]byte, 51), 0o600))
	// OpenSC's other drivers take a card for one of theirs if its JPKI application is selected.
	config := filepath.Join(folder, "opensc.conf")
	require.NoError(t, os.WriteFile(config, []byte("app default { card_drivers = jpki; }\n"), 0o600))
	for _, first := range []string{"ours", "OpenSC"} {
		at := 1
		for r.meets(first == "ours", at, config, digest, filepath.Join(folder, "signature")) {
			at++
		}
		require.Greater(t, at, 10, "%s has more commands than that", first)
	}
}

// meets starts one program, and the other one at the first one's nth command; false if there is no such command.
func (r *reading) meets(ours bool, at int, config, digest, signature string) (reached bool) {
	r.t.Helper()
	r.card.PowerUp() // OpenSC does not accept a card whose PIN is verified already
	var said bytes.Buffer
	sign := exec.Command("pkcs11-tool", "--login", "--pin", virtualcard.LoginPIN, "--sign", "--mechanism", "RSA-PKCS",
		"--id", "01", "--input-file", digest, "--output-file", signature)
	sign.Stdout, sign.Stderr = &said, &said
	sign.Env = append(os.Environ(), "OPENSC_CONF="+config)
	check := exec.Command(harness.HostProgram, "check", "--only", "card")
	check.Env = append(os.Environ(), "XDG_STATE_HOME="+r.t.TempDir())
	first, second := sign, check
	if ours {
		first, second = check, sign
	}
	begun, met := make(chan struct{}), make(chan error, 1)
	r.card.At(at, func() {
		<-begun
		met <- second.Start()
		if ours {
			_ = check.Process.Signal(syscall.SIGTERM)
		}
	})
	require.NoError(r.t, first.Start())
	close(begun)
	ended := first.Wait()
	r.card.At(0, nil)
	select {
	case err := <-met:
		require.NoError(r.t, err)
	default:
		return false
	}
	if ours {
		ended = second.Wait()
	} else {
		_ = check.Process.Signal(syscall.SIGTERM)
		_ = check.Wait()
	}
	require.NoError(r.t, ended, "at command %d: %s", at, &said)
	login, signing := r.card.Tries()
	require.Equal(r.t, []int{3, 5}, []int{login, signing}, "at command %d", at)
	require.Zero(r.t, r.card.Resets(), "at command %d", at)
	return true
}
