//go:build !windows

package app

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform"
	"etax-doctor/checks/platform/platformtest"
)

// Each case is a machine described in JSON, so the test does not need that operating system.
func TestMachines(t *testing.T) {
	data, err := os.ReadFile("../../testdata/machines/app.json")
	require.NoError(t, err)
	var cases []struct {
		Name    string
		Browser string // in use
		// UserHostsOff: Chrome's policy NativeMessagingUserLevelHosts is 0, in the facts and in the machine's registry.
		UserHostsOff bool
		Machine      platformtest.Fixture
		Want         []string
	}
	require.NoError(t, json.Unmarshal(data, &cases))
	require.Greater(t, len(cases), 30)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			f := &facts.Facts{Browser: c.Browser, App: Probe(t.Context(), c.Machine.Computer()),
				Policy: &facts.Policy{Browsers: []facts.BrowserPolicy{{Browser: "chrome", UserLevelHosts: new(bool)}}}}
			if !c.UserHostsOff {
				f.Policy = nil
			}
			var given []string
			for _, x := range Judge(f) {
				given = append(given, string(x.Code)+" "+string(x.Status))
			}
			assert.Equal(t, c.Want, given, "%+v", f.App)
			saved, err := json.Marshal(f)
			require.NoError(t, err)
			assert.NotContains(t, string(saved), "taro", "a user's name in a path")
		})
	}
}

// The bridge on the page decides whose app has to be there, and a browser with a folder of its own finds registrations there.
func TestWhatTheBrowserInUseFinds(t *testing.T) {
	folder := t.TempDir()
	mpa := `{"json": {"name":"jp.go.cao.mpa","description":"MPA","path":"/MPA","type":"stdio","allowed_origins":["chrome-extension://fjjibalalngebiaophebgkkohaaggphf/"]}}`
	linux := `{"json": {"name":"com.github.jpki.mpa","description":"MPA","path":"/MPA","type":"stdio","allowed_origins":["chrome-extension://mpaohblnoacafmpfmimdpnngljefbhmf/"]}}`
	usual, own := "/home/taro/.config/chromium/NativeMessagingHosts/", folder+"/NativeMessagingHosts/"
	for _, c := range []struct {
		name, userDataDir, bridge string
		paths                     map[string]string
		want, app                 string
	}{
		{"another bridge's app, and nothing known of the bridge", "", "", map[string]string{usual + "com.github.jpki.mpa.json": linux}, "app.ready ok", ""},
		{"another bridge's app", "", "jp.go.cao.mpa", map[string]string{usual + "com.github.jpki.mpa.json": linux}, "app.mynaportal-missing failure", "マイナポータルAP"},
		{"the other bridge's app", "", "com.github.jpki.mpa", map[string]string{usual + "com.github.jpki.mpa.json": linux}, "app.ready ok", ""},
		{"the other bridge's app is missing", "", "com.github.jpki.mpa", map[string]string{usual + "jp.go.cao.mpa.json": mpa}, "app.mynaportal-missing failure", "MPA for Linux"},
		{"registered in the browser's own folder", folder, "", map[string]string{own + "jp.go.cao.mpa.json": mpa}, "app.ready ok", ""},
		{"registered in the usual folder alone, where this browser may not look", folder, "", map[string]string{usual + "jp.go.cao.mpa.json": mpa}, "app.ready unknown", ""},
		{"broken in the browser's own folder", folder, "", map[string]string{own + "jp.go.cao.mpa.json": `"x"`}, "app.mynaportal-broken failure", ""},
		{"broken in the browser's own folder, and well in the usual one", folder, "", map[string]string{own + "jp.go.cao.mpa.json": `"x"`, usual + "jp.go.cao.mpa.json": mpa}, "app.ready ok", ""},
		{"in no folder", folder, "", nil, "app.mynaportal-missing failure", "マイナポータルAP"},
		{"registered for the whole computer", folder, "", map[string]string{"/etc/chromium/native-messaging-hosts/jp.go.cao.mpa.json": mpa}, "app.ready ok", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			paths := map[string]json.RawMessage{"/MPA": json.RawMessage(`""`), "/home/taro/.config/chromium/": json.RawMessage(`{}`)}
			for path, manifest := range c.paths {
				paths[path] = json.RawMessage(manifest)
			}
			fixture := platformtest.Fixture{OS: "linux", Paths: paths}
			m := fixture.Computer()
			m.Home, m.Config, m.UserDataDir = "/home/taro", "/home/taro/.config", c.userDataDir
			f := &facts.Facts{Browser: "chromium", Bridge: c.bridge, App: Probe(t.Context(), m)}
			found := Judge(f)[0]
			assert.Equal(t, c.want, string(found.Code)+" "+string(found.Status))
			assert.Equal(t, c.app, found.Args["app"])
			saved, err := json.Marshal(f)
			require.NoError(t, err)
			assert.NotContains(t, string(saved), folder, "the folder's path may contain a name")
		})
	}
}

// A signature is only recorded as a fact; no finding judges it.
func TestSignature(t *testing.T) {
	for content, want := range map[string]bool{`{"signed": true}`: true, `"unsigned"`: false} {
		m := platformtest.Fixture{OS: "windows",
			Registered: map[string]map[string]json.RawMessage{
				`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\chrome.exe`: {"": json.RawMessage(`"C:\\chrome.exe"`)},
				`HKLM\SOFTWARE\Google\Chrome\NativeMessagingHosts\jp.go.cao.mpa`:      {"": json.RawMessage(`"C:\\mpa.json"`)},
			},
			Paths: map[string]json.RawMessage{
				`C:\MPA.exe`: json.RawMessage(content),
				`C:\mpa.json`: json.RawMessage(`{"json": {"name":"jp.go.cao.mpa","description":"MPA","path":"C:\\MPA.exe","type":"stdio",
					"allowed_origins":["chrome-extension://fjjibalalngebiaophebgkkohaaggphf/"]}}`),
			}}
		f := Probe(t.Context(), m.Computer())
		require.NotEmpty(t, f.Registrations)
		require.NotNil(t, f.Registrations[0].Signed)
		assert.Equal(t, want, *f.Registrations[0].Signed)
	}
}

// The real file system, with everything that may lie in the place of a manifest by mistake.
func TestRealFiles(t *testing.T) {
	home := t.TempDir()
	hosts := filepath.Join(home, "chromium", "NativeMessagingHosts")
	require.NoError(t, os.MkdirAll(hosts, 0o755))
	program := filepath.Join(home, "program")
	require.NoError(t, os.WriteFile(program, nil, 0o755))
	manifest := filepath.Join(hosts, "com.github.jpki.mpa.json")
	good, err := json.Marshal(map[string]any{"name": "com.github.jpki.mpa", "description": "MPA", "path": program, "type": "stdio",
		"allowed_origins": []string{"chrome-extension://mpaohblnoacafmpfmimdpnngljefbhmf/"}})
	require.NoError(t, err)
	m := platform.This()
	m.OS, m.Config = "linux", home
	for _, c := range []struct {
		name string
		make func() error
		want facts.RegistrationState
	}{
		{"good", func() error { return os.WriteFile(manifest, good, 0o644) }, facts.RegistrationOK},
		{"a link to a good one", func() error {
			real := filepath.Join(home, "real.json")
			return errors.Join(os.WriteFile(real, good, 0o644), os.Symlink(real, manifest))
		}, facts.RegistrationOK},
		{"empty", func() error { return os.WriteFile(manifest, nil, 0o644) }, facts.ManifestInvalid},
		{"10 MB", func() error { return os.WriteFile(manifest, make([]byte, 10<<20), 0o644) }, facts.ManifestInvalid},
		{"a folder", func() error { return os.Mkdir(manifest, 0o755) }, facts.ManifestInvalid},
		{"a pipe", func() error { return syscall.Mkfifo(manifest, 0o644) }, facts.ManifestInvalid},
		{"a link in a circle", func() error { return os.Symlink(manifest, manifest) }, facts.ManifestUnreadable},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.NoError(t, os.RemoveAll(manifest))
			require.NoError(t, c.make())
			f := Probe(t.Context(), m)
			require.Len(t, f.Registrations, 1)
			assert.Equal(t, c.want, f.Registrations[0].State)
		})
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"name":"jp.go.cao.mpa","description":"MPA","path":"/x","type":"stdio","allowed_origins":["chrome-extension://fjjibalalngebiaophebgkkohaaggphf/"]}`))
	f.Add([]byte("\xff\xfe{\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		raw, err := json.Marshal(map[string]any{"base64": data})
		if err != nil {
			t.Fatal(err)
		}
		machine := &platformtest.Fixture{OS: "linux", Config: "/c", Paths: map[string]json.RawMessage{
			"/c/chromium/NativeMessagingHosts/jp.go.cao.mpa.json": raw}}
		Judge(&facts.Facts{App: Probe(t.Context(), machine.Computer())})
	})
}

// FuzzRegistry checks that no path is kept, whatever the registry names as the manifest and as the folder.
func FuzzRegistry(f *testing.F) {
	f.Add(`taro\mpa.json`, `taro\JPKI`, uint32(0), false)
	f.Add(`taro\..\x.json"`, "", uint32(1), true)
	f.Fuzz(func(t *testing.T, manifest, folder string, number uint32, wrongType bool) {
		value := func(v any) json.RawMessage {
			raw, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			return raw
		}
		at := `C:\Users\` + manifest
		registered := value(at)
		if wrongType {
			registered = value(number)
		}
		machine := &platformtest.Fixture{OS: "windows", Home: `C:\Users\taro`,
			Registered: map[string]map[string]json.RawMessage{
				`HKCU\SOFTWARE\Google\Chrome\NativeMessagingHosts\jp.go.cao.mpa`: {"": registered},
				`HKLM64\SOFTWARE\JPKI`: {"InstallPath": value(`C:\Users\` + folder)},
			},
			Paths: map[string]json.RawMessage{at: value(map[string]any{"json": map[string]any{"name": "jp.go.cao.mpa", "path": folder, "type": "stdio"}})},
		}
		app := Probe(t.Context(), machine.Computer())
		for _, found := range []any{app, Judge(&facts.Facts{App: app})} {
			if strings.Contains(string(value(found)), "Users") {
				t.Fatalf("a path was kept: %s", value(found))
			}
		}
	})
}
