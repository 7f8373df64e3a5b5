//go:build linux && cgo

package install

import (
	"encoding/binary"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/japanese"

	"etax-doctor/host/e2e/winetest"
	"etax-doctor/host/version"
)

// TestInstallUnderWine installs as a double click does, from a folder with an awkward name, and removes everything again.
func TestInstallUnderWine(t *testing.T) {
	w := &wine{winetest.Start(t)}
	folder := "申告の フォルダー (1) & 100%"
	place := filepath.Join(w.Shared, folder)
	require.NoError(t, os.Mkdir(place, 0o755))
	require.NoError(t, os.Rename(filepath.Join(w.Shared, "etax-doctor.exe"), filepath.Join(place, "etax-doctor.exe")))
	for _, name := range []string{"install.cmd", "uninstall.cmd"} {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		text, err := japanese.ShiftJIS.NewDecoder().Bytes(data) // as cmd.exe reads it in Japan
		require.NoError(t, err)
		assert.Contains(t, string(text), "先にzipファイルをすべて展開してから")
		for i, b := range data[1:] {
			// The second byte of a letter must not be a character that cmd.exe acts on, in whatever code page.
			assert.False(t, data[i] >= 0x80 && strings.ContainsRune(`\|&<>^%!"`, rune(b)), "%s, at %d", name, i)
		}
		assert.NotRegexp(t, regexp.MustCompile(`[^\r]\n`), string(data), "cmd.exe wants CR LF")
		require.NoError(t, os.WriteFile(filepath.Join(place, name), data, 0o644))
	}
	run := func(name, options string) string {
		return w.Must("cd '/outside/" + filepath.Base(w.Shared) + "/" + folder + "' && ETAX_DOCTOR_NO_PAUSE=1 wine64 cmd /c " + name + " " + options + " </dev/null; echo exit $?")
	}
	run("install.cmd", "--dry-run") // Wine makes files of its own at the first start of a program
	before := w.state()
	for _, scope := range []struct{ name, hive, program, says string }{
		// Wine's user is an administrator, for whom no program is started that a user without those rights registered.
		{"user", "HKCU", `AppData\Local\Programs\etax-doctor\etax-doctor.exe`, "登録が動くかどうかは、確かめていません"},
		{"system", "HKLM", `C:\Program Files\etax-doctor\etax-doctor.exe`, "、診断プログラム：問題ありません"},
	} {
		t.Run(scope.name, func(t *testing.T) {
			out := run("install.cmd", "--lang ja --scope "+scope.name)
			assert.Contains(t, out, "登録しました")
			assert.Contains(t, out, scope.says, "the first check follows, and finds itself")
			for _, key := range []string{`Google\Chrome`, `Microsoft\Edge`, `Chromium`} {
				value := w.Must(`wine64 reg query '` + scope.hive + `\SOFTWARE\` + key + `\NativeMessagingHosts\jp.etax_doctor' /ve`)
				assert.Contains(t, value, "jp.etax_doctor.json", key)
			}
			entry := w.Must(`wine64 reg query '` + scope.hive + `\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\etax-doctor'`)
			for _, part := range []string{"DisplayName", "UninstallString", "--scope " + scope.name, version.Version, "EstimatedSize"} {
				assert.Contains(t, entry, part, "in the list of installed apps")
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
			if scope.name == "system" {
				requireGathered(t, w)
			}

			assert.Contains(t, run("uninstall.cmd", "--lang ja --scope "+scope.name), "取り除きました")
			after := w.state()
			assertSame(t, before, after)
			before = after
		})
	}
	t.Run("the policies that an office is given", func(t *testing.T) {
		policies, err := os.ReadFile("../manifests/office/policies/windows.reg")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(w.Shared, "policies.reg"), policies, 0o644))
		check := "cd '/outside/" + filepath.Base(w.Shared) + "/" + folder + "' && wine64 etax-doctor.exe check --only policy --browser chrome --json | grep -m1 '\"code\"'; "
		out := w.Must(`wine64 reg add 'HKLM\SOFTWARE\Policies\Google\Chrome\NativeMessagingBlocklist' /v 1 /t REG_SZ /d '*' /f >/dev/null; ` + check +
			`wine64 reg import 'Z:\outside\` + filepath.Base(w.Shared) + `\policies.reg' >/dev/null 2>&1; ` + check +
			`wine64 reg delete 'HKLM\SOFTWARE\Policies\Google' /f >/dev/null; wine64 reg delete 'HKLM\SOFTWARE\Policies\Microsoft\Edge' /f >/dev/null`)
		assert.Regexp(t, `(?s)policy\.native-messaging-blocked.*verdict\.part-fine`, out)
	})
	t.Run("the installers, silently", func(t *testing.T) {
		if testing.Short() {
			t.Skip("left to make full")
		}
		if _, err := exec.LookPath("wixl"); err != nil {
			t.Skip("not checked: the Windows installers, which need wixl; make test installs it")
		}
		made := exec.Command("go", "run", "./install/package", "-output", filepath.Join(w.Shared, "dist"))
		made.Dir = ".."
		out, err := made.CombinedOutput()
		require.NoError(t, err, string(out))
		w.Must("wine64 msiexec /? /qn >/dev/null 2>&1 || true")
		msi := func(scope string) string {
			return `'Z:\outside\` + filepath.Base(w.Shared) + `\dist\etax-doctor-` + version.Version + `-windows-amd64-` + scope + `.msi'`
		}
		inside := "/outside/" + filepath.Base(w.Shared)
		before = w.state()

		// What the workflow does on a real Windows.
		proof := exec.Command("go", "build", "-o", filepath.Join(w.Shared, "proof.exe"), "etax-doctor/install/proof")
		proof.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
		out, err = proof.CombinedOutput()
		require.NoError(t, err, string(out))
		proved := w.Must("cd " + inside + " && wine64 proof.exe -packages dist")
		for _, step := range []string{"install.cmd, as a double click in Japan runs it", "uninstall.cmd", "the user installer", "the machine installer", "nothing of it is left"} {
			assert.Contains(t, proved, "ok: "+step)
		}

		// Who double-clicks the installer is shown the first steps.
		script := filepath.Join(w.Shared, "browser.sh")
		require.NoError(t, os.WriteFile(script, []byte("#!/bin/sh\necho \"$1\" >>\"${0%.sh}.seen\"\n"), 0o755))
		shown := w.Must(`wine64 reg add 'HKCU\Software\Wine\WineBrowser' /v Browsers /d '` + inside + `/browser.sh' /f >/dev/null; wine64 msiexec /i ` + msi("user") + `; ` +
			`until [ -s ` + inside + `/browser.seen ]; do sleep 0.1; done; cat ` + inside + `/browser.seen`)
		assert.Contains(t, shown, "Programs/etax-doctor/welcome.html")
		// Wine lists for everybody what is installed for one person.
		assert.Contains(t, w.export(`HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall`), `"DisplayName"="e-Taxログイン診断 (etax-doctor)"`, "in the list of installed apps")

		// Windows Installer owns what it has installed, and takes over what a zip has. For everybody, it takes away the person's
		// registration, where Chrome would look first.
		const hosts, listed = `\SOFTWARE\Microsoft\Edge\NativeMessagingHosts\jp.etax_doctor' /ve`, `\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\etax-doctor'`
		is := func(key, yes, no string) string {
			return "wine64 reg query 'HK" + key + " >/dev/null 2>&1 && echo " + yes + " || echo " + no + "; "
		}
		took := w.Must("cd " + inside + " && cp '" + folder + "/etax-doctor.exe' . && wine64 etax-doctor.exe install --lang en 2>&1 | grep -o 'made by the installer'; " +
			"wine64 msiexec /x " + msi("user") + " /qn; wine64 etax-doctor.exe install >/dev/null; echo exit $?; " + is("CU"+listed, "listed", "not listed") +
			"wine64 msiexec /i " + msi("user") + " /qn; " + is("CU"+listed, "listed twice", "listed once") + is("CU"+hosts, "for one person", "for nobody") +
			"rm browser.seen; wine64 msiexec /i " + msi("machine") + "; until [ -s browser.seen ]; do sleep 0.1; done; grep -o 'Program.*welcome.html' browser.seen; " + is("CU"+hosts, "not taken over", "taken over") + is("LM"+hosts, "for everybody", "for nobody") +
			"wine64 msiexec /x " + msi("machine") + " /qn && wine64 msiexec /x " + msi("user") + " /qn; echo exit $?; wine64 reg delete 'HKCU\\Software\\Wine\\WineBrowser' /f >/dev/null")
		assert.Equal(t, "made by the installer\nexit 0\nlisted\nlisted once\nfor one person\nProgram%20Files/etax-doctor/welcome.html\ntaken over\nfor everybody\nexit 0\n", took)
		assertSame(t, before, w.state())
	})
	t.Run("a program that is running is replaced, and removed", func(t *testing.T) {
		inside := `"$WINEPREFIX/drive_c/users/root/AppData/Local/Programs/etax-doctor/etax-doctor.exe"`
		out := w.Must("cd '/outside/" + filepath.Base(w.Shared) + "/" + folder + "' && wine64 etax-doctor.exe install >/dev/null; " +
			"mkfifo pipe; wine64 " + inside + " chrome-extension://bmjafpdhjlcalooijodcgpkecebphblc/ <pipe >hello & exec 3>pipe; " +
			"until [ -s hello ]; do sleep 0.1; done; printf newer >>etax-doctor.exe; " +
			"wine64 etax-doctor.exe install >/dev/null; echo exit $?; cmp etax-doctor.exe " + inside + " && echo replaced; [ -e " + inside + ".old-1 ] && echo beside; " +
			"wine64 etax-doctor.exe uninstall >/dev/null; echo exit $?; [ -e " + inside + " ] || echo gone; exec 3>&-; wait")
		assert.Equal(t, "exit 0\nreplaced\nbeside\nexit 0\ngone\n", out)
	})
}

// requireGathered runs what an office's computers run by schedule, with a folder for the share: it leaves a report that can be judged.
func requireGathered(t *testing.T, w *wine) {
	t.Helper()
	gather, err := os.ReadFile("../manifests/office/gather.cmd")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(w.Shared, "gather.cmd"), gather, 0o644))
	share := filepath.Join(w.Shared, "the share")
	require.NoError(t, os.Mkdir(share, 0o755))
	inside := `Z:\outside\` + filepath.Base(w.Shared)
	w.Must(`wine64 cmd /c '` + inside + `\gather.cmd' '` + inside + `\the share'`)
	name := strings.TrimSpace(w.Must(`wine64 cmd /c 'echo %COMPUTERNAME%'`))
	require.FileExists(t, filepath.Join(share, name+".json"))
	out, _ := exec.Command(buildProgram(t), "check", "--replay", share, "--json").Output() // exits with 1 if there is a fault
	var summary struct {
		Reports int
		Skipped []any
	}
	require.NoError(t, json.Unmarshal(out, &summary), string(out))
	assert.Equal(t, 1, summary.Reports)
	assert.Empty(t, summary.Skipped)
}

// assertSame reports the files and registry lines that have changed.
func assertSame(t *testing.T, before, after map[string]string) {
	t.Helper()
	for name := range after {
		if _, there := before[name]; !there {
			t.Errorf("left: %s", name)
		}
	}
	for name, content := range before {
		now, there := after[name]
		switch {
		case !there:
			t.Errorf("gone: %s", name)
		case now != content && strings.HasSuffix(name, ".reg"):
			was := strings.Split(content, "\n")
			for line := range strings.Lines(now) {
				if !slices.Contains(was, strings.TrimSuffix(line, "\n")) {
					t.Errorf("changed in %s: %.200s", name, line)
				}
			}
			t.Errorf("changed: %s, from %d to %d bytes", name, len(content), len(now))
		case now != content:
			t.Errorf("changed: %s", name)
		}
	}
}

type wine struct{ *winetest.Windows }

// state is the content of the Windows folders, and of the registry below SOFTWARE. An export takes long: Wine's server is asked for
// each key.
func (w *wine) state() map[string]string {
	w.T.Helper()
	state := w.files()
	state["hkcu.reg"] = withoutBookkeeping(w.export(`HKCU\Software`))
	state["hklm.reg"] = withoutBookkeeping(w.export(`HKLM\Software`))
	return state
}

// export is what a registry key holds, as reg writes it.
func (w *wine) export(key string) string {
	w.T.Helper()
	w.Must(`wine64 reg export '` + key + `' 'Z:\outside\` + filepath.Base(w.Shared) + `\export.reg' /y`)
	data, err := os.ReadFile(filepath.Join(w.Shared, "export.reg"))
	require.NoError(w.T, err)
	return t16(data)
}

// t16 decodes UTF-16, the encoding in which reg exports.
func t16(data []byte) string {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(data[2*i:])
	}
	return string(utf16.Decode(units))
}

// withoutBookkeeping drops the keys for Windows Installer's own records, which it leaves behind empty, and the key that
// Wine makes when a program asks for a signature, and that Windows always has.
func withoutBookkeeping(export string) string {
	var kept []string
	for _, key := range strings.Split(export, "\r\n\r\n") {
		name, _, _ := strings.Cut(key, "]")
		if !strings.Contains(name, `\Installer`) && !strings.Contains(name, `\Wintrust`) {
			kept = append(kept, key)
		}
	}
	return strings.Join(kept, "\n")
}

// files is every file and folder of drive C, except what Wine and Windows write there by themselves.
func (w *wine) files() map[string]string {
	w.T.Helper()
	files := map[string]string{}
	root := filepath.Join(w.Shared, "prefix", "drive_c")
	require.NoError(w.T, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := "drive_c" + strings.TrimPrefix(path, root)
		if d.IsDir() && (name == "drive_c/windows" || strings.HasSuffix(name, "/Temp") || strings.HasSuffix(name, "/Roaming/Microsoft/Installer")) {
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
