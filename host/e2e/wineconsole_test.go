//go:build linux && cgo

package e2e

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/host/e2e/harness"
)

// A program with a console for itself alone, as after a double click, asks what to do, and stays until the person has answered.
// script(1) starts it in a terminal, of which Wine makes such a console; only stty(1) lets every key through from the start.
func TestADoubleClickUnderWine(t *testing.T) {
	w := startWine(t)
	ctx, cancel := context.WithTimeout(t.Context(), harness.Timeout)
	defer cancel()
	enter := filepath.Join(w.Shared, "enter.sh")
	require.NoError(t, os.WriteFile(enter, []byte(w.Enter()), 0o755))
	console := exec.CommandContext(ctx, "script", "-qfc", `stty raw; unshare -m sh -c "$(cat `+enter+`)" 'wine64 `+w.Program+`; echo ENDED'`, "/dev/null")
	console.Env = append(os.Environ(), "SHELL=/bin/sh")
	keys, err := console.StdinPipe()
	require.NoError(t, err)
	screen, err := console.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, console.Start())
	defer func() {
		cancel() // Wine's side of the terminal stays open
		_ = console.Wait()
	}()
	shown := bufio.NewReader(screen)
	assert.Contains(t, until(t, shown, "press Enter"), "1. Check this computer")
	for _, step := range []struct{ key, answer string }{{"x", "Type 1, 2 or 3."}, {"3", "ENDED"}} {
		_, err = keys.Write([]byte(step.key + "\r"))
		require.NoError(t, err)
		until(t, shown, step.answer)
	}
}

// until reads until a text has come, and returns everything up to it.
func until(t *testing.T, from *bufio.Reader, text string) string {
	t.Helper()
	var all strings.Builder
	for !strings.HasSuffix(all.String(), text) {
		b, err := from.ReadByte()
		require.NoError(t, err, "no %q after %q", text, all.String())
		all.WriteByte(b)
	}
	return all.String()
}
