//go:build linux && cgo

package e2e

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestInstallUnderWine installs as a double click does, from a folder with an awkward name, and removes everything again.
func TestInstallUnderWine(t *testing.T) {
	w := startWine(t)
	folder := "申告の フォルダー (1) & 100%"
	place := filepath.Join(w.shared, folder)
	require.NoError(t, os.Mkdir(place, 0o755))
	require.NoError(t, os.Rename(filepath.Join(w.shared, "etax-doctor.exe"), filepath.Join(place, "etax-doctor.exe")))
	for _, name := range []string{"install.cmd", "uninstall.cmd"} {
		data, err := os.ReadFile("../../install/" + name)
		require.NoError(t, err)
		for _, b := range data {
			require.Less(t, b, byte(0x80), "%s is not pure ASCII", name)
		}
		assert.NotRegexp(t, regexp.MustCompile(`[^\r]\n`), string(data), "cmd.exe wants CR LF")
		require.NoError(t, os.WriteFile(filepath.Join(place, name), data, 0o644))
	}
	run := func(name, options string) string {
		return w.must("cd '/outside/" + filepath.Base(w.shared) + "/" + folder + "' && ETAX_DOCTOR_NO_PAUSE=1 wine64 cmd /c " + name + " " + options + " </dev/null; code=$?; wineserver -w; echo exit $code")
	}
	run("install.cmd", "--dry-run") // Wine makes files of its own at the first start of a program
	for _, scope := range []struct{ name, hive, program string }{
		{"user", "HKCU", `AppData\Local\Programs\etax-doctor\etax-doctor.exe`},
		{"system", "HKLM", `C:\Program Files\etax-doctor\etax-doctor.exe`},
	} {
		t.Run(scope.name, func(t *testing.T) {
			before := w.state()
			out := run("install.cmd", "--lang ja --scope "+scope.name)
			assert.Contains(t, out, "登録しました")
			assert.Contains(t, out, "From the card to e-Tax", "the first check follows")
			for _, key := range []string{`Google\Chrome`, `Microsoft\Edge`, `Chromium`} {
				value := w.must(`wine64 reg query '` + scope.hive + `\SOFTWARE\` + key + `\NativeMessagingHosts\jp.etax_doctor' /ve`)
				assert.Contains(t, value, "jp.etax_doctor.json", key)
			}
			installed := w.files()
			program := strings.ReplaceAll(strings.TrimPrefix(scope.program, `C:\`), `\`, "/")
			found := ""
			for path := range installed {
				if strings.HasSuffix(path, program) {
					found = path
				}
			}
			require.NotEmpty(t, found, "the program is not in its place")
			manifest := installed[filepath.Join(filepath.Dir(found), "jp.etax_doctor.json")]
			assert.Contains(t, manifest, strings.ReplaceAll(scope.program, `\`, `\\`))
			assert.Contains(t, installed, filepath.Join(filepath.Dir(found), "extension", "manifest.json"))
			assert.Contains(t, run("install.cmd", "--lang ja --scope "+scope.name), "変更はありません")

			assert.Contains(t, run("uninstall.cmd", "--lang ja --scope "+scope.name), "取り除きました")
			assert.Equal(t, before, w.state(), "something is left")
		})
	}
	t.Run("a program that is running is replaced, and removed", func(t *testing.T) {
		inside := `"$WINEPREFIX/drive_c/users/root/AppData/Local/Programs/etax-doctor/etax-doctor.exe"`
		out := w.must("cd '/outside/" + filepath.Base(w.shared) + "/" + folder + "' && wine64 etax-doctor.exe install >/dev/null; " +
			"mkfifo pipe; wine64 " + inside + " chrome-extension://bmjafpdhjlcalooijodcgpkecebphblc/ <pipe >hello & exec 3>pipe; " +
			"until [ -s hello ]; do :; done; printf newer >>etax-doctor.exe; " +
			"wine64 etax-doctor.exe install >/dev/null; echo exit $?; cmp etax-doctor.exe " + inside + " && echo replaced; " +
			"wine64 etax-doctor.exe uninstall >/dev/null; echo exit $?; [ -e " + inside + " ] || echo gone; exec 3>&-; wait")
		assert.Equal(t, "exit 0\nreplaced\nexit 0\ngone\n", out)
	})
}

// state is what is in the Windows folders, and in the registry below SOFTWARE.
func (w *wine) state() map[string]string {
	w.t.Helper()
	state := w.files()
	w.must(`wine64 reg export 'HKCU\Software' 'Z:\outside\` + filepath.Base(w.shared) + `\hkcu.reg' /y && wine64 reg export 'HKLM\Software' 'Z:\outside\` + filepath.Base(w.shared) + `\hklm.reg' /y; wineserver -w`)
	for _, name := range []string{"hkcu.reg", "hklm.reg"} {
		data, err := os.ReadFile(filepath.Join(w.shared, name))
		require.NoError(w.t, err)
		state[name] = string(data)
	}
	return state
}

// files is every file and folder of drive C, but for what Wine and Windows write there by themselves.
func (w *wine) files() map[string]string {
	w.t.Helper()
	files := map[string]string{}
	root := filepath.Join(w.shared, "prefix", "drive_c")
	require.NoError(w.t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := "drive_c" + strings.TrimPrefix(path, root)
		if d.IsDir() && (name == "drive_c/windows" || strings.HasSuffix(name, "/Temp")) {
			return filepath.SkipDir
		}
		if d.IsDir() || d.Type()&fs.ModeSymlink != 0 {
			files[name+"/"] = ""
			return nil
		}
		data, err := os.ReadFile(path)
		files[name] = string(data)
		return err
	}))
	return files
}
