//go:build linux && cgo

package harness

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Host is the real program, started as a browser starts it.
type Host struct {
	T      *testing.T
	Cmd    *exec.Cmd
	In     io.WriteCloser
	Out    *bufio.Reader
	Stderr bytes.Buffer
	State  string // the folder of its log
}

// StartHost starts the program with an extension's origin.
func StartHost(t *testing.T, origin string) *Host {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), Timeout)
	t.Cleanup(cancel)
	h := &Host{T: t, Cmd: exec.CommandContext(ctx, HostProgram, origin), State: t.TempDir()}
	h.Cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+h.State)
	h.Cmd.Stderr = &h.Stderr
	var err error
	h.In, err = h.Cmd.StdinPipe()
	require.NoError(t, err)
	out, err := h.Cmd.StdoutPipe()
	require.NoError(t, err)
	h.Out = bufio.NewReader(out)
	require.NoError(t, h.Cmd.Start())
	return h
}

// Write sends bytes, whether they are a frame or not.
func (h *Host) Write(frame []byte) {
	h.T.Helper()
	_, err := h.In.Write(frame)
	require.NoError(h.T, err)
}

// Framed is a message in the form in which it is sent: its length, then its body.
func Framed(body string) []byte {
	return append(binary.NativeEndian.AppendUint32(nil, uint32(len(body))), body...)
}

// ReadFrame reads one message from the wire.
func ReadFrame(t testing.TB, in io.Reader) []byte {
	t.Helper()
	var head [4]byte
	_, err := io.ReadFull(in, head[:])
	require.NoError(t, err)
	body := make([]byte, binary.NativeEndian.Uint32(head[:]))
	_, err = io.ReadFull(in, body)
	require.NoError(t, err)
	return body
}

// Receive reads one message of the host.
func (h *Host) Receive() map[string]any {
	h.T.Helper()
	var message map[string]any
	require.NoError(h.T, json.Unmarshal(ReadFrame(h.T, h.Out), &message))
	return message
}

// Exit waits for the program's end: there must be nothing more on stdout, and nothing on stderr.
func (h *Host) Exit() int {
	h.T.Helper()
	rest, err := io.ReadAll(h.Out)
	require.NoError(h.T, err)
	assert.Empty(h.T, rest)
	err = h.Cmd.Wait()
	assert.Empty(h.T, h.Stderr.String())
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	require.NoError(h.T, err)
	return 0
}

func (h *Host) Log() string {
	data, err := os.ReadFile(filepath.Join(h.State, "etax-doctor", "host.log"))
	require.NoError(h.T, err)
	return string(data)
}
