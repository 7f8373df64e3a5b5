//go:build linux

package cli

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSyslog(t *testing.T) {
	if _, err := os.Lstat("/dev/log"); err == nil || os.Getuid() != 0 {
		t.Skip("not checked: syslog, which needs root and a computer without one")
	}
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: "/dev/log", Net: "unixgram"})
	require.NoError(t, err)
	defer os.Remove("/dev/log")
	defer socket.Close()
	assert.Equal(t, 1, run(t, nil, "check", "--simulate", "expired", "--log-system").code)
	require.NoError(t, socket.SetReadDeadline(time.Now().Add(2*time.Minute)))
	entry := make([]byte, 4096)
	n, err := socket.Read(entry)
	require.NoError(t, err)
	assert.Contains(t, string(entry[:n]), "etax-doctor")
	assert.Contains(t, string(entry[:n]), "certificate.expired")
}
