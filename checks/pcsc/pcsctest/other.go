//go:build linux && cgo

package pcsctest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/ebfe/scard"
	"github.com/stretchr/testify/require"
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
	if err := hold(reader, os.Getenv(otherMode)); err != nil {
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

// HoldTransaction makes another process keep a transaction on the card until release is called or the test ends.
func HoldTransaction(t testing.TB, slot string) (release func()) {
	return startOther(t, slot, "transaction")
}

// HoldExclusively makes another process connect to the card exclusively until release is called or the test ends.
func HoldExclusively(t testing.TB, slot string) (release func()) {
	return startOther(t, slot, "exclusive")
}

func startOther(t testing.TB, slot, mode string) (release func()) {
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
	release = sync.OnceFunc(func() {
		stdin.Close()
		_ = cmd.Wait()
	})
	t.Cleanup(release)
	line, _ := bufio.NewReader(stdout).ReadString('\n')
	require.Equal(t, "holding\n", line)
	return release
}
