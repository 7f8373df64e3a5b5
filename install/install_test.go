//go:build linux

package install

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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

// tree lists every file below dir with its content.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		files[path] = string(data)
		return err
	}))
	return files
}

func apply(t *testing.T, plan func(Options) (*Plan, error), o Options) (described, said string) {
	t.Helper()
	p, err := plan(o)
	require.NoError(t, err)
	var before, after bytes.Buffer
	p.Describe(&before)
	require.NoError(t, p.Apply(&after))
	return before.String(), after.String()
}

func TestInstallTwiceAndUninstall(t *testing.T) {
	dir := home(t, "google-chrome", "chromium", "microsoft-edge")
	before := tree(t, dir)
	o := Options{Program: program(t)}
	described, said := apply(t, PlanInstall, o)
	installed := tree(t, dir)
	for path := range installed {
		if extension := filepath.Join(dir, ".local", "share", "etax-doctor", "extension") + "/"; strings.HasPrefix(path, extension) {
			path = extension
		}
		assert.Contains(t, described, path, "it says what it will do")
	}
	assert.Contains(t, said, "chrome://extensions")
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
	assert.Contains(t, described, "nothing to change")
	assert.Equal(t, installed, tree(t, dir))

	apply(t, PlanUninstall, o)
	assert.Equal(t, before, tree(t, dir), "nothing is left")
	described, _ = apply(t, PlanUninstall, o)
	assert.Contains(t, described, "nothing to change")
}

func TestOtherProgramsFilesStay(t *testing.T) {
	dir := home(t, "chromium")
	other := filepath.Join(dir, ".config", "chromium", "NativeMessagingHosts", "jp.go.cao.mpa.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(other), 0o755))
	require.NoError(t, os.WriteFile(other, []byte("{}"), 0o644))
	o := Options{Program: program(t)}
	apply(t, PlanInstall, o)
	apply(t, PlanUninstall, o)
	assert.Equal(t, map[string]string{other: "{}"}, tree(t, dir))
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
	assert.Contains(t, said, "No browser profile was found")
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
	p, err := PlanInstall(Options{Program: program(t)})
	require.NoError(t, err)
	assert.Error(t, p.Apply(&bytes.Buffer{}))
	assert.Equal(t, map[string]string{blocked: ""}, tree(t, dir))
}
