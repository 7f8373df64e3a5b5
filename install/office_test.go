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

// playbook runs a playbook against computers that are this one, by an inventory's lines, in which PROGRAM is our program.
func playbook(t *testing.T, name, inventory string) (said string, err error) {
	t.Helper()
	if _, err := exec.LookPath("ansible-playbook"); err != nil {
		t.Skip("not checked: the playbook, which needs ansible-core; make test installs it")
	}
	dir := t.TempDir()
	program := buildProgram(t)
	file := filepath.Join(dir, "inventory")
	require.NoError(t, os.WriteFile(file, []byte("[all:vars]\nansible_connection=local\netax_doctor="+program+"\n"+inventory), 0o644))
	play := exec.Command("ansible-playbook", "-i", file, "../manifests/office/"+name)
	play.Env = append(os.Environ(), "ANSIBLE_LOCALHOST_WARNING=False", "HOME="+dir, "LC_ALL=C.UTF-8", "ANSIBLE_NOCOLOR=1")
	out, err := play.CombinedOutput()
	return string(out), err
}

func buildProgram(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "etax-doctor")
	build := exec.Command("go", "build", "-o", program, "etax-doctor/host")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	return program
}

// The playbook for an office runs against three computers: one is fine, one has a fault, and one is without the program.
func TestPlaybook(t *testing.T) {
	text, err := playbook(t, "check.yml", `[all]
fine etax_doctor_options="--only app,policy --simulate healthy"
faulty etax_doctor_options="--only app,policy --simulate app-missing"
without etax_doctor=/nowhere/etax-doctor
`)
	assert.Error(t, err, "two of the three are not fine")
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

// The playbook that gathers reports leaves a folder that can be judged: each computer's report is in it once.
func TestGatheredReports(t *testing.T) {
	reports := filepath.Join(t.TempDir(), "reports")
	text, err := playbook(t, "gather.yml", "reports="+reports+`
[all]
pc-1 etax_doctor_options="--only app,policy --simulate healthy"
pc-2 etax_doctor_options="--only app,policy --simulate app-missing"
pc-3 etax_doctor_options="--only app,policy --simulate app-missing"
`)
	require.NoError(t, err, text)
	out, err := exec.Command(buildProgram(t), "check", "--replay", reports, "--json").Output()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, 1, exit.ExitCode())
	var summary struct {
		Reports int
		Files   []struct{ File, Code string }
		Skipped []any
	}
	require.NoError(t, json.Unmarshal(out, &summary))
	assert.Equal(t, 3, summary.Reports)
	assert.Equal(t, "pc-2.json", summary.Files[1].File)
	assert.Equal(t, "app.mynaportal-missing", summary.Files[1].Code)
	assert.Empty(t, summary.Skipped)
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
