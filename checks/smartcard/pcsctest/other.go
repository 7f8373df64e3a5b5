//go:build linux && cgo

package pcsctest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ebfe/scard"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/virtualcard"
)

// The other program is a second process of the test binary. It uses the card in ways in which our program never does.
const (
	otherReader = "ETAX_DOCTOR_TEST_READER"
	otherMode   = "ETAX_DOCTOR_TEST_MODE"
)

// selectJPKI is defined again here, because the other program must not share code with ours.
var selectJPKI = []byte{0x00, 0xA4, 0x04, 0x0C, 0x0A, 0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01}

func init() {
	reader := os.Getenv(otherReader)
	if reader == "" {
		return
	}
	run := hold
	switch os.Getenv(otherMode) {
	case "login":
		run = logInAgainAndAgain
	case "reset":
		run = resetAgainAndAgain
	case "login PIN", "signing PIN":
		run = verifyOnDemand
	}
	if err := run(reader, os.Getenv(otherMode)); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// hold keeps the card until stdin ends.
func hold(reader, mode string) error {
	pc, err := scard.EstablishContext()
	if err != nil {
		return err
	}
	share := scard.ShareMode(scard.ShareShared)
	if mode == "exclusive" {
		share = scard.ShareExclusive
	}
	card, err := pc.Connect(reader, share, scard.ProtocolAny)
	if err != nil {
		return err
	}
	if mode == "transaction" {
		if err := card.BeginTransaction(); err != nil {
			return err
		}
	}
	fmt.Println("holding")
	_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	return card.Disconnect(scard.LeaveCard)
}

// logInAgainAndAgain does what a bridge's app does with the card, until stdin ends: select, verify the PIN, sign.
func logInAgainAndAgain(reader, _ string) error {
	stop := make(chan struct{})
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		close(stop)
	}()
	fmt.Println("holding")
	// pcsc-lite retries every 0.1 s to get a lock that is held, in no order: a program that never pauses would block
	// every other one.
	pace := time.NewTicker(10 * time.Millisecond)
	for logins := 0; ; logins++ {
		select {
		case <-stop:
			fmt.Printf("%d logins\n", logins)
			return nil
		case <-pace.C:
		}
		if err := logIn(reader); err != nil {
			return fmt.Errorf("login %d failed: %w", logins, err)
		}
	}
}

func logIn(reader string) error {
	pc, err := scard.EstablishContext()
	if err != nil {
		return err
	}
	defer func() { _ = pc.Release() }()
	card, err := pc.Connect(reader, scard.ShareShared, scard.ProtocolAny)
	if err != nil {
		return err
	}
	defer func() { _ = card.Disconnect(scard.LeaveCard) }()
	if err := card.BeginTransaction(); err != nil {
		return err
	}
	defer func() { _ = card.EndTransaction(scard.LeaveCard) }()
	digestInfo := make([]byte, 51)
	for _, cmd := range [][]byte{
		selectJPKI,
		{0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x18},
		verify(virtualcard.LoginPIN),
		{0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x17},
		sign(digestInfo),
	} {
		reply, err := card.Transmit(cmd)
		if err != nil {
			return err
		}
		if n := len(reply); n < 2 || reply[n-2] != 0x90 || reply[n-1] != 0x00 {
			return fmt.Errorf("%X answered % X", cmd[:4], reply)
		}
	}
	return nil
}

func connect(reader string) (*scard.Card, error) {
	pc, err := scard.EstablishContext()
	if err != nil {
		return nil, err
	}
	return pc.Connect(reader, scard.ShareShared, scard.ProtocolAny)
}

// verifyOnDemand acts as a program that opens no transaction: it has logged in and selected the EF of the PIN that it is
// about to ask for. At the first line from stdin, it sends that PIN to the current EF, and tries again while another
// program has a transaction. At the second line, it does everything again, like a program whose selected file is gone,
// and signs. It prints the status words.
func verifyOnDemand(reader, mode string) error {
	card, err := connect(reader)
	if err != nil {
		return err
	}
	send := func(cmd []byte) string {
		for {
			reply, err := card.Transmit(cmd)
			switch {
			case err == scard.ErrSharingViolation:
				time.Sleep(time.Millisecond) // another program has a transaction
			case err != nil:
				return strings.ReplaceAll(err.Error(), " ", "-")
			case len(reply) < 2: // the card was taken off during the command, and vpcd reports no error
				return "no-status-word"
			default:
				return fmt.Sprintf("%X", reply[len(reply)-2:])
			}
		}
	}
	efOf := func(id byte) []byte { return []byte{0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, id} }
	login, signing := verify(virtualcard.LoginPIN), verify(virtualcard.SigningPIN)
	waiting, pin := byte(0x18), login
	if mode == "signing PIN" {
		waiting, pin = 0x1B, signing
	}
	for _, cmd := range [][]byte{selectJPKI, efOf(0x18), login, efOf(0x1B), signing, efOf(waiting)} {
		if sw := send(cmd); sw != "9000" {
			return fmt.Errorf("%X answered %s", cmd[:4], sw)
		}
	}
	fmt.Println("holding")
	in := bufio.NewReader(os.Stdin)
	if _, err := in.ReadString('\n'); err != nil {
		return err
	}
	answer := send(pin)
	fmt.Print(answer)
	if _, err := in.ReadString('\n'); err != nil {
		return err
	}
	// The connection broke with the PIN, or after it: the card may be taken off when the answer is there already.
	if _, err := card.Status(); len(answer) != 4 || err == scard.ErrRemovedCard {
		if err := card.Reconnect(scard.ShareShared, scard.ProtocolAny, scard.LeaveCard); err != nil {
			return err
		}
	}
	digestInfo := make([]byte, 51)
	for _, cmd := range [][]byte{
		selectJPKI, efOf(0x18), login, efOf(0x17), sign(digestInfo), efOf(0x1B), signing, efOf(0x1A), sign(digestInfo),
	} {
		fmt.Print(" ", send(cmd))
	}
	fmt.Println()
	return card.Disconnect(scard.LeaveCard)
}

func verify(pin string) []byte { return append([]byte{0x00, 0x20, 0x00, 0x80, byte(len(pin))}, pin...) }

func sign(digestInfo []byte) []byte {
	return append(append([]byte{0x80, 0x2A, 0x00, 0x80, byte(len(digestInfo))}, digestInfo...), 0)
}

// PIN names the PIN that another program is about to ask for.
type PIN string

// The two PINs.
const (
	LoginPIN   PIN = "login PIN"
	SigningPIN PIN = "signing PIN"
)

// AboutToVerify makes another process log in with the card without a transaction and select the EF of a PIN. now makes
// it send that PIN. end waits until it has sent the PIN and signed with both keys, and returns the status words of its
// commands, or the errors of PC/SC.
func AboutToVerify(t testing.TB, slot string, pin PIN) (now func(), end func() []string) {
	t.Helper()
	other := startProcess(t, slot, string(pin))
	now = sync.OnceFunc(func() { _, _ = io.WriteString(other.in, "\n") })
	return now, func() []string {
		now()
		_, _ = io.WriteString(other.in, "\n")
		line, _ := other.out.ReadString('\n')
		other.in.Close()
		require.NoError(t, other.cmd.Wait(), line)
		return strings.Fields(line)
	}
}

// HoldTransaction makes another process keep a transaction on the card until release is called or the test ends.
func HoldTransaction(t testing.TB, slot string) (release func()) {
	return startOther(t, slot, "transaction")
}

// HoldExclusively makes another process connect to the card exclusively until release is called or the test ends.
func HoldExclusively(t testing.TB, slot string) (release func()) {
	return startOther(t, slot, "exclusive")
}

// resetAgainAndAgain acts as a program that resets the card while other programs use it.
func resetAgainAndAgain(reader, _ string) error {
	card, err := connect(reader)
	if err != nil {
		return err
	}
	fmt.Println("holding")
	stop := make(chan struct{})
	go func() {
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		close(stop)
	}()
	pace := time.NewTicker(10 * time.Millisecond)
	for {
		select {
		case <-stop:
			return card.Disconnect(scard.LeaveCard)
		case <-pace.C:
			_ = card.Reconnect(scard.ShareShared, scard.ProtocolAny, scard.ResetCard)
		}
	}
}

// ResetCard makes another process reset the card again and again until release is called or the test ends.
func ResetCard(t testing.TB, slot string) (release func()) {
	return startOther(t, slot, "reset")
}

// LogIn makes another process log in with the card again and again. end stops it and returns the number of logins; a
// failed login fails the test.
func LogIn(t testing.TB, slot string) (end func() int) {
	t.Helper()
	other := startProcess(t, slot, "login")
	return func() (logins int) {
		other.in.Close()
		line, _ := other.out.ReadString('\n')
		require.NoError(t, other.cmd.Wait(), line)
		_, err := fmt.Sscanf(line, "%d logins", &logins)
		require.NoError(t, err, line)
		return logins
	}
}

func startOther(t testing.TB, slot, mode string) (release func()) {
	t.Helper()
	other := startProcess(t, slot, mode)
	release = sync.OnceFunc(func() {
		other.in.Close()
		_ = other.cmd.Wait()
	})
	t.Cleanup(release)
	return release
}

type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func startProcess(t testing.TB, slot, mode string) *process {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), otherReader+"="+slot, otherMode+"="+mode)
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	out := bufio.NewReader(stdout)
	line, _ := out.ReadString('\n')
	require.Equal(t, "holding\n", line)
	return &process{cmd, stdin, out}
}
