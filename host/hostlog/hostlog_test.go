package hostlog

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheLogIsRedacted(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	path := filepath.Join(home, "log", "host.log")
	log := Open(path)
	log.Info("opened " + filepath.Join(home, "secret") + " reader SONY (1234567) 00 00")
	log.WithField("cert", "MIIGIDCCBQigAwIBAgIEB2VDITANBgkqhkiG9w0BAQsFADCB").Info("30 82 06 20 30 82 05 08 A0 03 02 01")
	log.Info("verdict certificate.expired in 12 ms, PC/SC Connect: 8010000B")
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	text := string(data)
	for _, personal := range []string{home, "1234567", "MIIGID", "30 82 06 20"} {
		assert.NotContains(t, text, personal)
	}
	assert.Contains(t, text, "certificate.expired in 12 ms, PC/SC Connect: 8010000B", "what helps is kept")
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

// Several hosts that write at the same time keep the log and its older part within the size limit.
func TestTheLogIsCapped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "host.log")
	var hosts sync.WaitGroup
	for range 3 {
		hosts.Go(func() {
			log := Open(path)
			for range 3_000 {
				log.Info(strings.Repeat("a line ", 8))
			}
		})
	}
	hosts.Wait()
	for _, p := range []string{path, path + ".1"} {
		info, err := os.Stat(p)
		require.NoError(t, err)
		assert.LessOrEqual(t, info.Size(), int64(MaxSize))
		assert.Greater(t, info.Size(), int64(1000))
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, entries, 3, "the two and their lock")
}

func TestALogThatCannotBeWrittenIsNoFault(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	log := Open(filepath.Join(file, "host.log"))
	log.Info("dropped")
	assert.NoFileExists(t, filepath.Join(file, "host.log"))
}
