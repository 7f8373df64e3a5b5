package policy

import (
	"encoding/json"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform/platformtest"
)

// Each case is a machine described in JSON, so the test does not need that operating system.
func TestMachines(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the paths of the Linux machines are joined with this system's separator")
	}
	data, err := os.ReadFile("../../testdata/machines/policy.json")
	require.NoError(t, err)
	var cases []struct {
		Name       string
		UserLevel  bool // the bridge's app is registered for this user
		AlsoSystem bool // and for the computer
		Browsers   []string
		Browser    string // in use
		Machine    platformtest.Fixture
		Want       []string
	}
	require.NoError(t, json.Unmarshal(data, &cases))
	require.Greater(t, len(cases), 30)
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			level := facts.LevelSystem
			if c.UserLevel {
				level = facts.LevelUser
			}
			browser := map[string]string{"windows": "chrome", "linux": "chromium"}[c.Machine.OS]
			if c.Browsers == nil {
				c.Browsers = []string{browser}
			}
			behind := facts.RegistrationState("")
			if c.AlsoSystem {
				behind = facts.RegistrationOK
			}
			f := &facts.Facts{Browser: c.Browser,
				Policy: Probe(t.Context(), c.Machine.Computer()),
				App: &facts.App{Browsers: c.Browsers, Registrations: []facts.Registration{{Host: "jp.go.cao.mpa", Browser: browser,
					Level: level, SystemState: behind, State: facts.RegistrationOK}}},
			}
			var given []string
			for _, x := range Judge(f) {
				given = append(given, string(x.Code)+" "+string(x.Status))
				if x.Status == "failure" {
					assert.NotEmpty(t, x.Args["policy"], "the administrator has to know its name")
				}
			}
			assert.Equal(t, c.Want, given, "%+v", f.Policy)
		})
	}
}

func FuzzSettings(f *testing.F) {
	f.Add(`{"*":{"installation_mode":"blocked"}}`)
	f.Add(`{"NativeMessagingBlocklist":["*"]}`)
	f.Fuzz(func(t *testing.T, text string) {
		raw, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range []platformtest.Fixture{
			{OS: "windows", Registered: map[string]map[string]json.RawMessage{`HKLM\SOFTWARE\Policies\Google\Chrome`: {"ExtensionSettings": raw}}},
			{OS: "linux", Paths: map[string]json.RawMessage{"/etc/chromium/policies/managed/a.json": raw}},
		} {
			Judge(&facts.Facts{Policy: Probe(t.Context(), m.Computer())})
		}
	})
}

// The names of an organisation's own programs and extensions are not kept, only the fact that there are such entries.
func TestAnOfficesOwnNamesStayInTheProcess(t *testing.T) {
	const theirs = "abcdefghijklmnopabcdefghijklmnop"
	m := platformtest.Fixture{OS: "linux", Paths: map[string]json.RawMessage{"/etc/chromium/policies/managed/a.json": json.RawMessage(`{"json": {
		"NativeMessagingBlocklist": ["*"], "NativeMessagingAllowlist": ["com.acme.payroll", "jp.go.cao.mpa"],
		"ExtensionInstallForcelist": ["` + theirs + `;https://intranet.acme.example/update.xml"],
		"ExtensionSettings": {"` + theirs + `, fjjibalalngebiaophebgkkohaaggphf": {"installation_mode": "allowed", "blocked_permissions": ["acme", "nativeMessaging"]},
			"update_url:https://intranet.acme.example/": {"installation_mode": "acme"}, "update_url:https://other.acme.example/": {"installation_mode": "acme too"}}}}`)}}
	p := Probe(t.Context(), m.Computer()).Browsers[0]
	data, err := json.Marshal(p)
	require.NoError(t, err)
	assert.NotContains(t, string(data), "acme")
	assert.NotContains(t, string(data), theirs)
	assert.Equal(t, []string{facts.Other, "jp.go.cao.mpa"}, p.HostAllowlist)
	assert.Equal(t, []string{facts.Other}, p.ExtensionForcelist)
	assert.Len(t, p.ExtensionSettings, 3)
	assert.Equal(t, facts.ExtensionSetting{InstallationMode: "allowed", BlockedPermissions: []string{"nativeMessaging"}}, p.ExtensionSettings["fjjibalalngebiaophebgkkohaaggphf"])
}
