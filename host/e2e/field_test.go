//go:build linux && cgo

package e2e

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/virtualcard"
	"etax-doctor/host/e2e/harness"
)

// The record for the field holds what the developers cannot know, and nothing of the person.
func TestTheFieldRecord(t *testing.T) {
	config := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	hosts := filepath.Join(config, "chromium", "NativeMessagingHosts")
	require.NoError(t, os.MkdirAll(hosts, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(hosts, "jp.go.cao.mpa.json"), []byte(`{"name":"jp.go.cao.mpa","description":"x","type":"stdio",
		"path":"/home/EMULATE/MPA.exe","allowed_origins":["chrome-extension://`+strings.Repeat("a", 32)+`/"]}`), 0o644))
	card := harness.Insert(t, func(p *virtualcard.Profile) {
		p.ATR, _ = hex.DecodeString("3B85800173C021408157")
		p.Issuance.NotAfter = planted.end
	})
	t.Run("from the command line", func(t *testing.T) {
		out, err := exec.Command(harness.HostProgram, "report", "--field", "--lang", "ja").Output()
		require.NoError(t, err)
		requireFieldRecord(t, out, len(card.Record()), config)
	})
	t.Run("from the page", func(t *testing.T) {
		p := harness.StartBrowser(t, harness.Setup{Manifest: harness.Registered(), Own: true}).PageOf("report", 800, false)
		before := len(card.Record())
		out := []byte(p.SavedReport("field"))
		requireFieldRecord(t, out, len(card.Record())-before, config)
	})
}

func requireFieldRecord(t *testing.T, out []byte, commands int, config string) {
	assert.Empty(t, leaks(map[string]string{"the field record": string(out)}, config))
	for _, personal := range planted.written { // the last day is a birthday
		assert.NotContains(t, string(out), personal)
	}
	var f struct {
		Schema          string
		HistoricalBytes map[string]string
		Registrations   []struct {
			Browser, Host, Program string
			Origins                []string
		}
		Exchanges []struct {
			Reader, Command, Reply string
			Milliseconds           float64
		}
		Report struct{ Facts json.RawMessage }
	}
	require.NoError(t, json.Unmarshal(out, &f))
	assert.Equal(t, "etax-doctor.field/1", f.Schema)
	assert.NotEmpty(t, f.Report.Facts)
	assert.Contains(t, f.HistoricalBytes, "SONY FeliCa RC-S300/P")
	for _, history := range f.HistoricalBytes {
		assert.Equal(t, "73C0214081", history)
	}
	require.Len(t, f.Registrations, 1)
	assert.Equal(t, "MPA.exe", f.Registrations[0].Program)
	assert.Equal(t, []string{"chrome-extension://" + strings.Repeat("a", 32) + "/"}, f.Registrations[0].Origins)
	sent := 0
	for _, e := range f.Exchanges {
		if e.Command != "" {
			sent++
			assert.Contains(t, []int{8, 14}, len(e.Command), "a header alone, or with the identifier of an EF")
			assert.Len(t, e.Reply, 4, "a status word alone")
		}
	}
	assert.Equal(t, commands, sent)
}
