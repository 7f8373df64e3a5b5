//go:build linux

package install

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform/platformtest"
	"etax-doctor/checks/policy"
)

// The playbook for an office runs against three computers: one is fine, one has a fault, and one is without the program.
func TestPlaybook(t *testing.T) {
	if _, err := exec.LookPath("ansible-playbook"); err != nil {
		t.Skip("not checked: the playbook, which needs ansible-core; make test installs it")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "etax-doctor")
	build := exec.Command("go", "build", "-o", program, "etax-doctor/host")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	inventory := filepath.Join(dir, "inventory")
	require.NoError(t, os.WriteFile(inventory, []byte(`[all:vars]
ansible_connection=local
etax_doctor=`+program+`
[all]
fine etax_doctor_options="--only app,policy --simulate healthy"
faulty etax_doctor_options="--only app,policy --simulate app-missing"
without etax_doctor=/nowhere/etax-doctor
`), 0o644))
	play := exec.Command("ansible-playbook", "-i", inventory, "../manifests/office/check.yml")
	play.Env = append(os.Environ(), "ANSIBLE_LOCALHOST_WARNING=False", "HOME="+dir, "LC_ALL=C.UTF-8", "ANSIBLE_NOCOLOR=1")
	out, err = play.CombinedOutput()
	assert.Error(t, err, "two of the three are not fine")
	text := string(out)
	assert.Regexp(t, `fine: verdict\.part-fine`, text)
	assert.Regexp(t, `faulty: app\.mynaportal-missing`, text)
	for host, want := range map[string]string{"fine": "failed=0", "faulty": "failed=1", "without": "failed=1"} {
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, host) && strings.Contains(line, "ok=") {
				assert.Contains(t, line, want, text)
			}
		}
	}
}

// The policy files for an office unblock the bridge and our host, as our own judge confirms.
func TestPolicyTemplates(t *testing.T) {
	for browser, place := range map[string]string{"chrome": "/etc/opt/chrome/policies/managed/", "edge": "/etc/opt/edge/policies/managed/"} {
		template, err := os.ReadFile("../manifests/office/policies/" + browser + ".json")
		require.NoError(t, err)
		blocked := json.RawMessage(`{"json":{"NativeMessagingBlocklist":["*"]}}`)
		for _, c := range []struct {
			files map[string]json.RawMessage
			want  string
		}{
			{map[string]json.RawMessage{place + "a.json": blocked}, "policy.native-messaging-blocked"},
			{map[string]json.RawMessage{place + "a.json": blocked, place + "etax-doctor.json": json.RawMessage(`{"json":` + string(template) + `}`)}, "policy.clear"},
		} {
			machine := (&platformtest.Fixture{OS: "linux", Home: "/home/a", Config: "/home/a/.config", Paths: c.files}).Computer()
			f := &facts.Facts{Policy: policy.Probe(t.Context(), machine), App: &facts.App{OS: "linux", Browsers: []string{browser}}, Browser: browser}
			got := policy.Judge(f)
			require.NotEmpty(t, got)
			assert.EqualValues(t, c.want, got[0].Code, "%s: %v", browser, c.files)
		}
	}
}
