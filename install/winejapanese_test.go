//go:build linux && cgo

package install

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/japanese"

	"etax-doctor/host/e2e/winetest"
)

// On a Windows in code page 932, as in Japan: the double click inside the zip's view and after extracting it, the report as
// JSON, and a file that another program holds.
func TestJapaneseWindowsUnderWine(t *testing.T) {
	w := &wine{winetest.StartIn(t, winetest.Japanese)}
	place := filepath.Join(w.Shared, "申告の フォルダー")
	require.NoError(t, os.Mkdir(place, 0o755))
	script, err := os.ReadFile("install.cmd")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(place, "install.cmd"), script, 0o644))
	inside := "/outside/" + filepath.Base(w.Shared) + "/申告の フォルダー"
	install := "cd '" + inside + "' && ETAX_DOCTOR_NO_PAUSE=1 wine64 cmd /c install.cmd </dev/null; echo exit $?; "
	assert.Contains(t, w.Must(`wine64 reg query 'HKLM\System\CurrentControlSet\Control\Nls\CodePage' /v OEMCP`), "932")

	alone, err := japanese.ShiftJIS.NewDecoder().String(w.Must(install)) // Explorer unpacks the script alone
	require.NoError(t, err)
	assert.Contains(t, alone, "先にzipファイルをすべて展開してから")
	assert.Contains(t, alone, "exit 3")

	require.NoError(t, os.Rename(filepath.Join(w.Shared, "etax-doctor.exe"), filepath.Join(place, "etax-doctor.exe")))
	out := w.Must(install + `wine64 reg query 'HKCU\SOFTWARE\Google\Chrome\NativeMessagingHosts\jp.etax_doctor' /ve`)
	assert.Contains(t, out, "登録しました")
	assert.Contains(t, out, "exit 0")
	assert.Contains(t, out, "jp.etax_doctor.json")

	report, err := w.Inside("cd '" + inside + "' && wine64 etax-doctor.exe check --json --simulate expired --lang ja")
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, 1, exit.ExitCode())
	asRead, err := japanese.ShiftJIS.NewDecoder().String(report) // as PowerShell 5.1 does
	require.NoError(t, err)
	var r struct{ Verdict struct{ Title string } }
	require.NoError(t, json.Unmarshal([]byte(asRead), &r))
	assert.Contains(t, r.Verdict.Title, "有効期限が切れています")

	t.Run("a file that another program holds", func(t *testing.T) {
		build := exec.Command("go", "build", "-o", filepath.Join(w.Shared, "holder.exe"), "etax-doctor/testdata/wine/holder")
		build.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
		out, err := build.CombinedOutput()
		require.NoError(t, err, string(out))
		const manifest = `"$WINEPREFIX/drive_c/users/root/AppData/Local/Programs/etax-doctor/jp.etax_doctor.json"`
		// held runs the installer while a program holds the manifest, which is not as it should be.
		held := func(until string) string {
			return w.Must("cd '" + inside + "' && echo old >" + manifest + " && rm -f ../held ../release && " +
				`(wine64 ../holder.exe 'C:\users\root\AppData\Local\Programs\etax-doctor\jp.etax_doctor.json' ` + until + ` >../held &) ; ` +
				"until [ -s ../held ]; do sleep 0.1; done; wine64 etax-doctor.exe install --lang en 2>&1; echo exit $?; touch ../release; head -c 3 " + manifest)
		}
		assert.Regexp(t, `(?s)exit 0.*\{`, held("trying"), "it is let go while the installer tries")
		forever := held(`'Z:\outside\` + filepath.Base(w.Shared) + `\release'`)
		assert.Contains(t, forever, "Close all browsers")
		assert.Contains(t, forever, "exit 3")
		assert.Contains(t, forever, "old", "nothing is lost")
	})
}
