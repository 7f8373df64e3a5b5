//go:build linux && cgo

package pcsctest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/ebfe/scard"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/apdu"
	"etax-doctor/checks/virtualcard"
)

// The other program is the test binary started again: a second process that holds the card as ours never does.
const (
	otherReader = "ETAX_DOCTOR_TEST_READER"
	otherMode   = "ETAX_DOCTOR_TEST_MODE"
)

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
	// pcsc-lite asks for a lock that is taken every 0.1 s, in no order: a program that never lets go for a moment would
	// starve every other one.
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
		apdu.SelectJPKI,
		{0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x18},
		append([]byte{0x00, 0x20, 0x00, 0x80, byte(len(virtualcard.LoginPIN))}, virtualcard.LoginPIN...),
		{0x00, 0xA4, 0x02, 0x0C, 0x02, 0x00, 0x17},
		append(append([]byte{0x80, 0x2A, 0x00, 0x80, byte(len(digestInfo))}, digestInfo...), 0),
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

// HoldTransaction makes another process keep a transaction on the card until release is called or the test ends.
func HoldTransaction(t testing.TB, slot string) (release func()) {
	return startOther(t, slot, "transaction")
}

// HoldExclusively makes another process connect to the card exclusively until release is called or the test ends.
func HoldExclusively(t testing.TB, slot string) (release func()) {
	return startOther(t, slot, "exclusive")
}

// resetAgainAndAgain is a program without manners: it resets the card under everybody's hands.
func resetAgainAndAgain(reader, _ string) error {
	pc, err := scard.EstablishContext()
	if err != nil {
		return err
	}
	card, err := pc.Connect(reader, scard.ShareShared, scard.ProtocolAny)
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

// LogIn makes another process log in with the card again and again. The returned function ends it and returns how
// often it did; a login that failed fails the test.
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
	in  io.Closer
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
