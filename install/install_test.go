//go:build linux

package install

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/manifests"
)

// home is an empty home folder with the given profile roots in it.
func home(t *testing.T, roots ...string) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	for _, v := range []string{"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"} {
		t.Setenv(v, "")
	}
	for _, r := range roots {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, ".config", r), 0o755))
	}
	return dir
}

func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "etax-doctor")
	require.NoError(t, os.WriteFile(path, []byte("the program"), 0o755))
	return path
}

// keys returns the key of a text instead of the text.
func keys(key string, _ map[string]string) string { return key }

func machine(t *testing.T) *Target {
	t.Helper()
	m, err := This("0.1.0", filepath.Join(os.Getenv("HOME"), ".local", "state", "etax-doctor", "host.log"))
	require.NoError(t, err)
	m.Root = filepath.Join(m.Home, "root")
	m.SudoUser = ""
	return m
}

// tree lists every file below dir with its content, and every folder.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			files[path+"/"] = ""
			return err
		}
		if d.Type()&fs.ModeSymlink != 0 {
			files[path], err = os.Readlink(path)
			return err
		}
		data, err := os.ReadFile(path)
		files[path] = string(data)
		return err
	}))
	return files
}

func apply(t *testing.T, plan func(*Target, Options) (*Plan, error), o Options) (described, said string) {
	t.Helper()
	p, err := plan(machine(t), o)
	require.NoError(t, err)
	var before, after bytes.Buffer
	p.Describe(&before, keys)
	require.NoError(t, p.Apply())
	p.Advice(&after, keys)
	return before.String(), after.String()
}

func TestInstallTwiceAndUninstall(t *testing.T) {
	dir := home(t, "google-chrome", "chromium", "microsoft-edge")
	before := tree(t, dir)
	o := Options{Program: program(t)}
	described, said := apply(t, PlanInstall, o)
	installed := tree(t, dir)
	for path := range installed {
		if strings.HasSuffix(path, "/") {
			continue
		}
		if extension := filepath.Join(dir, ".local", "share", "etax-doctor", "extension") + "/"; strings.HasPrefix(path, extension) {
			path = extension
		}
		assert.Contains(t, described, path, "it says what it will do")
	}
	assert.Contains(t, said, "install_advice")
	for _, root := range []string{"google-chrome", "chromium", "microsoft-edge"} {
		data := installed[filepath.Join(dir, ".config", root, "NativeMessagingHosts", "jp.etax_doctor.json")]
		var m manifests.Host
		require.NoError(t, json.Unmarshal([]byte(data), &m), root)
		assert.Equal(t, filepath.Join(dir, ".local", "bin", "etax-doctor"), m.Path)
		assert.Equal(t, "stdio", m.Type)
		assert.Equal(t, manifests.AllowedOrigins(), m.AllowedOrigins)
	}
	assert.Equal(t, "the program", installed[filepath.Join(dir, ".local", "bin", "etax-doctor")])
	assert.Contains(t, installed, filepath.Join(dir, ".local", "share", "etax-doctor", "extension", "manifest.json"))

	described, _ = apply(t, PlanInstall, o)
	assert.Contains(t, described, "install_nothing")
	assert.Equal(t, installed, tree(t, dir))

	apply(t, PlanUninstall, o)
	assert.Equal(t, before, tree(t, dir), "nothing is left")
	described, _ = apply(t, PlanUninstall, o)
	assert.Contains(t, described, "install_nothing")
}

func TestOtherProgramsFilesStay(t *testing.T) {
	dir := home(t, "chromium")
	other := filepath.Join(dir, ".config", "chromium", "NativeMessagingHosts", "jp.go.cao.mpa.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(other), 0o755))
	require.NoError(t, os.WriteFile(other, []byte("{}"), 0o644))
	before := tree(t, dir)
	o := Options{Program: program(t)}
	apply(t, PlanInstall, o)
	apply(t, PlanUninstall, o)
	assert.Equal(t, before, tree(t, dir))
}

func TestUserDataDir(t *testing.T) {
	dir := home(t, "chromium")
	profile := filepath.Join(t.TempDir(), "a profile")
	apply(t, PlanInstall, Options{Program: program(t), UserDataDir: profile})
	assert.FileExists(t, filepath.Join(profile, "NativeMessagingHosts", "jp.etax_doctor.json"))
	assert.NoFileExists(t, filepath.Join(dir, ".config", "chromium", "NativeMessagingHosts", "jp.etax_doctor.json"))
}

func TestNoBrowserIsSaid(t *testing.T) {
	home(t)
	_, said := apply(t, PlanInstall, Options{Program: program(t)})
	assert.Contains(t, said, "install_no_browser")
}

func TestANewVersionReplacesTheOld(t *testing.T) {
	dir := home(t)
	o := Options{Program: program(t)}
	apply(t, PlanInstall, o)
	require.NoError(t, os.WriteFile(o.Program, []byte("a newer program"), 0o755))
	described, _ := apply(t, PlanInstall, o)
	installed := filepath.Join(dir, ".local", "bin", "etax-doctor")
	assert.Equal(t, "  + "+installed+"\n", described)
	assert.Equal(t, "a newer program", tree(t, dir)[installed])
}

func TestAFailureLeavesNothingHalfWritten(t *testing.T) {
	dir := home(t)
	blocked := filepath.Join(dir, ".local")
	require.NoError(t, os.WriteFile(blocked, nil, 0o644)) // a file where a folder must be
	before := tree(t, dir)
	p, err := PlanInstall(machine(t), Options{Program: program(t)})
	require.NoError(t, err)
	assert.Error(t, p.Apply())
	assert.Equal(t, before, tree(t, dir))
}

// Wherever an installation is interrupted, what it has done can be removed, and it can be repeated.
func TestAnInstallationThatBreaksOff(t *testing.T) {
	dir := home(t, "chromium")
	before := tree(t, dir)
	o := Options{Program: program(t)}
	p, err := PlanInstall(machine(t), o)
	require.NoError(t, err)
	for k := range p.steps {
		if k > 3 && k < len(p.steps)-3 {
			continue // one file of the extension is like another
		}
		for _, s := range p.steps[:k] {
			require.NoError(t, s.do())
		}
		apply(t, PlanUninstall, o)
		require.Equal(t, before, tree(t, dir), "after %d steps", k)
		for _, s := range p.steps[:k] {
			require.NoError(t, s.do())
		}
		apply(t, PlanInstall, o)
		described, _ := apply(t, PlanInstall, o)
		require.Contains(t, described, "install_nothing")
		apply(t, PlanUninstall, o)
		require.Equal(t, before, tree(t, dir), "after %d steps and an installation", k)
	}
}

// Files that an older version wrote and this one does not write are removed; other people's files stay.
func TestFilesOfAnOlderVersionGo(t *testing.T) {
	dir := home(t, "chromium")
	o := Options{Program: program(t)}
	apply(t, PlanInstall, o)
	own := filepath.Join(dir, ".local", "share", "etax-doctor")
	old, theirs := filepath.Join(own, "extension", "ui", "of-yesterday.js"), filepath.Join(own, "extension", "notes.txt")
	for _, path := range []string{old, theirs} {
		require.NoError(t, os.WriteFile(path, nil, 0o644))
	}
	r, err := readRecord(filepath.Join(own, "installed.json"))
	require.NoError(t, err)
	r.Files = append(r.Files, old)
	data, err := json.Marshal(r)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(own, "installed.json"), data, 0o644))
	apply(t, PlanInstall, o)
	assert.NoFileExists(t, old)
	apply(t, PlanUninstall, o)
	assert.FileExists(t, theirs)
	for path := range tree(t, own) {
		assert.True(t, path == theirs || strings.HasSuffix(path, "/"), path)
	}
}

// A folder in our place that holds something else, such as a checkout, is not taken for ours.
func TestACheckoutWhereTheInstallationGoes(t *testing.T) {
	for name, prepare := range map[string]func(own string) error{
		"a checkout": func(own string) error {
			return errors.Join(os.MkdirAll(filepath.Join(own, ".git"), 0o755), os.WriteFile(filepath.Join(own, "work.txt"), []byte("uncommitted"), 0o644))
		},
		"a link to somebody's work": func(own string) error {
			work := filepath.Join(own, "..", "work")
			return errors.Join(os.MkdirAll(work, 0o755), os.MkdirAll(own, 0o755), os.Symlink(work, filepath.Join(own, "extension")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := home(t, "chromium")
			require.NoError(t, prepare(filepath.Join(dir, ".local", "share", "etax-doctor")))
			before := tree(t, filepath.Join(dir, ".local"))
			_, err := PlanInstall(machine(t), Options{Program: program(t)})
			var p Problem
			require.ErrorAs(t, err, &p)
			assert.Equal(t, "install_error_not_ours", p.Key)
			apply(t, PlanUninstall, Options{Program: program(t)})
			assert.Equal(t, before, tree(t, filepath.Join(dir, ".local")))
		})
	}
}

// A registration that a package has made is neither overwritten nor removed.
func TestAnotherInstallation(t *testing.T) {
	dir := home(t, "chromium")
	packaged := filepath.Join(dir, "usr", "bin", "etax-doctor")
	require.NoError(t, os.MkdirAll(filepath.Dir(packaged), 0o755))
	require.NoError(t, os.WriteFile(packaged, nil, 0o755))
	place := filepath.Join(dir, ".config", "chromium", "NativeMessagingHosts", "jp.etax_doctor.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(place), 0o755))
	for name, content := range map[string]string{"a package": `{"path":"` + packaged + `"}`, "no manifest at all": "not json"} {
		t.Run(name, func(t *testing.T) {
			require.NoError(t, os.WriteFile(place, []byte(content), 0o644))
			before := tree(t, dir)
			_, err := PlanInstall(machine(t), Options{Program: program(t)})
			assert.ErrorAs(t, err, new(Problem))
			apply(t, PlanUninstall, Options{Program: program(t)})
			assert.Equal(t, before, tree(t, dir))
		})
	}
}

// A removal that cannot remove everything removes what it can, returns an error, and can be repeated.
func TestARemovalThatIsRefused(t *testing.T) {
	dir := home(t, "chromium")
	before := tree(t, dir)
	o := Options{Program: program(t)}
	apply(t, PlanInstall, o)
	p, err := PlanUninstall(machine(t), o)
	require.NoError(t, err)
	p.steps = append([]step{refusingStep{}}, p.steps...)
	assert.Error(t, p.Apply())
	assert.NoFileExists(t, filepath.Join(dir, ".local", "bin", "etax-doctor"))
	assert.FileExists(t, filepath.Join(dir, ".local", "share", "etax-doctor", "installed.json"))
	apply(t, PlanUninstall, o)
	assert.Equal(t, before, tree(t, dir))
}

type refusingStep struct{}

func (refusingStep) kind() kind    { return removes }
func (refusingStep) place() string { return "what cannot be removed" }
func (refusingStep) done() bool    { return false }
func (refusingStep) do() error     { return fs.ErrPermission }

// If the record of an installation is lost or damaged, what the tables name is removed all the same.
func TestWithoutItsRecord(t *testing.T) {
	for name, content := range map[string]string{"damaged": "{", "another's": `{"schema":"x/1","files":["/etc/passwd"]}`} {
		t.Run(name, func(t *testing.T) {
			dir := home(t, "chromium")
			o := Options{Program: program(t)}
			apply(t, PlanInstall, o)
			require.NoError(t, os.WriteFile(filepath.Join(dir, ".local", "share", "etax-doctor", "installed.json"), []byte(content), 0o644))
			apply(t, PlanUninstall, o)
			for path := range tree(t, dir) {
				assert.True(t, strings.HasSuffix(path, "/"), path)
			}
		})
	}
}

// A record leads only to our files: other people's files stay, even if somebody has written them into it.
func TestARecordIsNoListOfThingsToDelete(t *testing.T) {
	dir := home(t, "chromium")
	o := Options{Program: program(t)}
	apply(t, PlanInstall, o)
	precious := filepath.Join(dir, "precious.txt")
	foreign := filepath.Join(dir, "elsewhere", "jp.etax_doctor.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(foreign), 0o755))
	require.NoError(t, os.WriteFile(precious, nil, 0o644))
	require.NoError(t, os.WriteFile(foreign, []byte(`{"path":"/opt/other/program"}`), 0o644))
	data, err := json.Marshal(record{Schema: recordSchema, Files: []string{precious, foreign}, Folders: []string{filepath.Dir(foreign)}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".local", "share", "etax-doctor", "installed.json"), data, 0o644))
	apply(t, PlanUninstall, o)
	assert.FileExists(t, precious)
	assert.FileExists(t, foreign)
}

func TestAnotherProgramUnderOurName(t *testing.T) {
	dir := home(t, "chromium")
	place := filepath.Join(dir, ".config", "chromium", "NativeMessagingHosts", "jp.etax_doctor.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(place), 0o755))
	require.NoError(t, os.WriteFile(place, []byte(`{"path":"C:\\Program Files\\Other\\other.exe"}`), 0o644))
	before := tree(t, dir)
	_, err := PlanInstall(machine(t), Options{Program: program(t)})
	var p Problem
	require.ErrorAs(t, err, &p)
	assert.Equal(t, "install_error_foreign", p.Key)
	assert.Equal(t, map[string]string{"place": place, "program": `C:\Program Files\Other\other.exe`}, p.Args)
	assert.Equal(t, before, tree(t, dir))
	apply(t, PlanUninstall, Options{})
	assert.Equal(t, before, tree(t, dir), "it is not ours to remove")
	apply(t, PlanInstall, Options{Program: program(t), Force: true})
	assert.Contains(t, tree(t, dir)[place], "etax-doctor")
	// Our program in an older place does not count as another program.
	require.NoError(t, os.WriteFile(place, []byte(`{"path":"/old/folder/etax-doctor"}`), 0o644))
	apply(t, PlanInstall, Options{Program: program(t)})
}

func TestForEverybody(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0o077)) // with this umask, other users could not read a new folder
	dir := home(t, "chromium")
	before := tree(t, dir)
	o := Options{Program: program(t), Scope: System}
	apply(t, PlanInstall, o)
	installed := tree(t, dir)
	for _, folder := range []string{"opt/chrome", "opt/edge", "chromium", "opt/vivaldi"} {
		var m manifests.Host
		require.NoError(t, json.Unmarshal([]byte(installed[filepath.Join(dir, "root", "etc", folder, "native-messaging-hosts", "jp.etax_doctor.json")]), &m), folder)
		assert.Equal(t, filepath.Join(dir, "root", "usr", "local", "bin", "etax-doctor"), m.Path)
	}
	assert.NotContains(t, installed, filepath.Join(dir, ".config", "chromium", "NativeMessagingHosts")+"/")
	info, err := os.Stat(filepath.Join(dir, "root", "etc", "opt", "chrome"))
	require.NoError(t, err)
	assert.Equal(t, fs.FileMode(0o755), info.Mode().Perm())
	apply(t, PlanUninstall, o)
	assert.Equal(t, before, tree(t, dir))
}

func TestOnAMac(t *testing.T) {
	dir := home(t)
	m := machine(t)
	m.OS, m.Shared = "darwin", "/Library/Application Support"
	m.Data = filepath.Join(dir, "Library", "Application Support")
	m.Config = m.Data
	require.NoError(t, os.MkdirAll(filepath.Join(m.Config, "Google", "Chrome"), 0o755))
	before := tree(t, dir)
	for scope, place := range map[Scope]string{User: filepath.Join(m.Config, "Google", "Chrome"), System: filepath.Join(dir, "root", "Library", "Google", "Chrome")} {
		p, err := PlanInstall(m, Options{Program: program(t), Scope: scope})
		require.NoError(t, err)
		require.NoError(t, p.Apply())
		assert.FileExists(t, filepath.Join(place, "NativeMessagingHosts", "jp.etax_doctor.json"))
		p, err = PlanUninstall(m, Options{Scope: scope})
		require.NoError(t, err)
		require.NoError(t, p.Apply())
		assert.Equal(t, before, tree(t, dir), scope)
	}
}

func TestSudoForSomebodyElse(t *testing.T) {
	home(t)
	m := machine(t)
	m.SudoUser = "hanako"
	for _, plan := range []func(*Target, Options) (*Plan, error){PlanInstall, PlanUninstall} {
		_, err := plan(m, Options{Program: program(t)})
		var p Problem
		require.ErrorAs(t, err, &p)
		assert.Equal(t, "install_error_sudo", p.Key)
	}
	_, err := PlanInstall(m, Options{Program: program(t), Scope: System})
	assert.NoError(t, err)
}

func TestBrowsersInASandbox(t *testing.T) {
	dir := home(t)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "snap", "chromium"), 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, ".var", "app", "com.google.Chrome"), 0o755))
	m := machine(t)
	assert.Equal(t, []string{"Google Chrome (Flatpak)", "Chromium (snap)"}, m.sandboxed())
	_, said := apply(t, PlanInstall, Options{Program: program(t)})
	assert.Equal(t, 2, strings.Count(said, "install_sandboxed"))
}

// Whatever the name of a person's folder, the manifest names the program in it, and everything is removed again.
func TestOddFolders(t *testing.T) {
	for _, name := range []string{`山田 太郎`, `quotes "and" 'these'`, `100% & more`, `𠮷野`, `back\slash`, "tab\tand\nline"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), name)
			require.NoError(t, os.MkdirAll(filepath.Join(dir, ".config", "chromium"), 0o755))
			t.Setenv("HOME", dir)
			for _, v := range []string{"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"} {
				t.Setenv(v, "")
			}
			before := tree(t, dir)
			apply(t, PlanInstall, Options{Program: program(t)})
			var m manifests.Host
			require.NoError(t, json.Unmarshal([]byte(tree(t, dir)[filepath.Join(dir, ".config", "chromium", "NativeMessagingHosts", "jp.etax_doctor.json")]), &m))
			assert.Equal(t, filepath.Join(dir, ".local", "bin", "etax-doctor"), m.Path)
			apply(t, PlanUninstall, Options{})
			assert.Equal(t, before, tree(t, dir))
		})
	}
}

// A disk that is full or read-only: a clear error, and nothing half-written. Real file systems, in a mount namespace.
func TestDisksThatRefuse(t *testing.T) {
	if os.Getuid() != 0 || exec.Command("unshare", "-m", "true").Run() != nil {
		t.Skip("not checked: a full and a read-only disk, which need root and mount namespaces")
	}
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "etax-doctor"), "etax-doctor/host")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	for mount, want := range map[string]string{
		"mount -t tmpfs -o size=100k tmpfs home": "ディスクがいっぱいで",
		"mount -t tmpfs -o ro tmpfs home":        "書き込む権限がありません",
	} {
		script := "cd " + dir + "; mkdir -p home; " + mount + "; HOME=$PWD/home ./etax-doctor install --lang ja; echo exit $?; find home -name '.etax-doctor-*'; HOME=$PWD/home ./etax-doctor uninstall --lang ja >/dev/null; find home -mindepth 1"
		out, err := exec.Command("unshare", "-m", "sh", "-c", script).CombinedOutput()
		require.NoError(t, err, string(out))
		assert.Contains(t, string(out), want, mount)
		assert.True(t, strings.HasSuffix(string(out), "exit 3\n"), "something is left: %s", out)
	}
}

// A person may keep the folder of data elsewhere.
func TestAFolderOfOursThatIsALink(t *testing.T) {
	dir := home(t, "chromium")
	share, elsewhere := filepath.Join(dir, ".local", "share"), filepath.Join(dir, "elsewhere")
	require.NoError(t, os.MkdirAll(share, 0o755))
	require.NoError(t, os.MkdirAll(elsewhere, 0o755))
	require.NoError(t, os.Symlink(elsewhere, filepath.Join(share, "etax-doctor")))
	apply(t, PlanInstall, Options{Program: program(t)})
	assert.FileExists(t, filepath.Join(elsewhere, "installed.json"))
}

// An empty folder with the program's name is nobody's proof of an installation.
func TestAFolderInThePlaceOfTheProgram(t *testing.T) {
	dir := home(t, "chromium")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, ".local", "bin", "etax-doctor"), 0o755))
	p, err := PlanUninstall(machine(t), Options{Program: program(t)})
	require.NoError(t, err)
	var described bytes.Buffer
	p.Describe(&described, keys)
	assert.NotContains(t, described.String(), "bin")
}
