package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"etax-doctor/checks/simulate"
)

// PowerShell 5.1 on a Japanese Windows takes a program's output for code page 932: the JSON stays what it was.
func TestJSONSurvivesCodePage932(t *testing.T) {
	for _, name := range simulate.Names() {
		r := run(t, nil, "check", "--simulate", name, "--json", "--lang", "ja")
		for _, b := range []byte(r.stdout) {
			require.Less(t, b, byte(0x80), name)
		}
		read, err := japanese.ShiftJIS.NewDecoder().String(r.stdout)
		require.NoError(t, err)
		var report struct{ Verdict struct{ Title string } }
		require.NoError(t, json.Unmarshal([]byte(read), &report), name)
		assert.NotEmpty(t, report.Verdict.Title)
	}
}

// A character beyond the 16 bits of a unit becomes two.
func TestASCIIOfARareCharacter(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, writeJSON(&b, "𠮷野家<é>"))
	assert.Equal(t, `"\ud842\udfb7\u91ce\u5bb6<\u00e9>"`+"\n", b.String())
}

// What PowerShell 5.1 has written with > or Set-Content can be judged again.
func TestReplayOfWhatPowerShellHasWritten(t *testing.T) {
	saved := run(t, nil, "report", "--simulate", "expired", "--json", "--lang", "ja").stdout
	for name, as := range map[string]encoding.Encoding{
		"UTF-16 with a byte order mark":    unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
		"UTF-16 of another order":          unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
		"UTF-8 with a byte order mark":     unicode.UTF8BOM,
		"UTF-8, as this program writes it": unicode.UTF8,
	} {
		t.Run(name, func(t *testing.T) {
			written, err := as.NewEncoder().String(saved)
			require.NoError(t, err)
			path := filepath.Join(t.TempDir(), "report.json")
			require.NoError(t, os.WriteFile(path, []byte(written), 0o600))
			r := run(t, nil, "check", "--replay", path, "--json")
			assert.Contains(t, r.stdout, "certificate.expired")
			assert.Equal(t, 1, r.code)
		})
	}
}
