//go:build linux && cgo

package checks_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/ebfe/scard"
	"github.com/stretchr/testify/require"
)

// The other program is this test binary started again: a second process that holds the card in a way ours never does.
const (
	otherReader = "ETAX_DOCTOR_TEST_READER"
	otherMode   = "ETAX_DOCTOR_TEST_MODE"
)

func TestMain(m *testing.M) {
	if reader := os.Getenv(otherReader); reader != "" {
		if err := hold(reader, os.Getenv(otherMode)); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
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

func holdTransaction(t *testing.T, reader string) { startOther(t, reader, "transaction") }
func holdExclusively(t *testing.T, reader string) { startOther(t, reader, "exclusive") }

func startOther(t *testing.T, reader, mode string) {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), otherReader+"="+reader, otherMode+"="+mode)
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		stdin.Close()
		_ = cmd.Wait()
	})
	line, _ := bufio.NewReader(stdout).ReadString('\n')
	require.Equal(t, "holding\n", line)
}
