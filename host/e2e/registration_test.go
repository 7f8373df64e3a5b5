//go:build linux && cgo

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/host/e2e/harness"
	"etax-doctor/manifests"
)

// registeredAt makes a folder of registrations that the tests' user could have written, with one for program.
func registeredAt(t *testing.T, program string) (config string) {
	t.Helper()
	config = folderReadableByAll(t)
	folder := filepath.Join(config, "chromium", "NativeMessagingHosts")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	if program != "" {
		data, err := json.Marshal(manifests.ForHost(program))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, "jp.etax_doctor.json"), data, 0o644))
	}
	return config
}

// folderReadableByAll is a temporary folder that other users may read.
func folderReadableByAll(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(folder), 0o755))
	return folder
}

// checkAsUser runs a check and returns its findings with their reasons. If root runs the tests, the check runs as another
// user, unless asRoot is set.
func checkAsUser(t *testing.T, program, config string, asRoot bool) (found map[string]string, out string) {
	t.Helper()
	check := exec.Command(program, "check", "--json")
	check.Env = append(os.Environ(), "XDG_CONFIG_HOME="+config)
	if os.Getuid() == 0 && !asRoot {
		const nobody = 65534
		check.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	said, err := check.Output()
	require.NotEmpty(t, said, "%v", err)
	var report struct {
		Findings []struct {
			Code string
			Args map[string]string
		}
	}
	require.NoError(t, json.Unmarshal(said, &report))
	found = map[string]string{}
	for _, f := range report.Findings {
		found[f.Code] = f.Args["reason"]
	}
	return found, string(said)
}

// The command line starts what is registered, as a browser would, and says whether it answers.
func TestOurOwnRegistration(t *testing.T) {
	for name, c := range map[string]struct {
		program, want, reason string
	}{
		"fine":    {harness.HostProgram, "doctor.ready", ""},
		"gone":    {"/nowhere/etax-doctor", "doctor.broken", "program-missing"},
		"nowhere": {"", "doctor.unregistered", ""},
	} {
		t.Run(name, func(t *testing.T) {
			config := registeredAt(t, c.program)
			found, out := checkAsUser(t, harness.HostProgram, config, false)
			reason, there := found[c.want]
			assert.True(t, there, found)
			assert.Equal(t, c.reason, reason)
			assert.NotContains(t, out, config, "paths stay in the process")
			assert.NotContains(t, out, "/nowhere")
		})
	}
}

// A program in a folder of the system is started too; one that gives no answer or has another version is reported.
func TestARegistrationInAPlaceOfTheSystem(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can put a program there")
	}
	// Not the temporary folder, where everybody may write.
	place, err := os.MkdirTemp("/usr/local", "etax-doctor-test")
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(place) })
	require.NoError(t, os.Chmod(place, 0o755))
	program := filepath.Join(place, "etax-doctor")
	for reason, script := range map[string]string{
		"no-answer":     "#!/bin/sh\necho hello\n",
		"other-version": "#!/bin/sh\nprintf '\\042\\0\\0\\0{\"type\":\"hello\",\"version\":\"0.0.1\"}'\n",
	} {
		require.NoError(t, os.WriteFile(program, []byte(script), 0o755))
		found, _ := checkAsUser(t, harness.HostProgram, registeredAt(t, program), false)
		assert.Equal(t, reason, found["doctor.broken"], found)
	}
}

// A program is not started if the user who has registered it could have written it, whatever its name. With an
// administrator's rights, no program is started that a user without them has registered.
func TestARegistrationGivesNobodyRights(t *testing.T) {
	folder := folderReadableByAll(t)
	trap := filepath.Join(folder, "etax-doctor")
	require.NoError(t, os.WriteFile(trap, []byte("#!/bin/sh\ntouch "+folder+"/started\n"), 0o755))
	for _, asRoot := range []bool{false, true} {
		found, _ := checkAsUser(t, harness.HostProgram, registeredAt(t, trap), asRoot)
		assert.Contains(t, found, "doctor.not-started")
		assert.NoFileExists(t, filepath.Join(folder, "started"))
	}
	if os.Getuid() == 0 {
		found, _ := checkAsUser(t, harness.HostProgram, registeredAt(t, harness.HostProgram), true)
		assert.Contains(t, found, "doctor.not-started", "of the user's level")
	}
}

// A program with another name is never started, even if it is registered under our name.
func TestAnotherProgramIsNotStarted(t *testing.T) {
	config := t.TempDir()
	program := filepath.Join(config, "other")
	require.NoError(t, os.WriteFile(program, []byte("#!/bin/sh\ntouch "+config+"/started\n"), 0o755))
	folder := filepath.Join(config, "vivaldi", "NativeMessagingHosts")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	data, err := json.Marshal(manifests.ForHost(program))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "jp.etax_doctor.json"), data, 0o644))
	check := exec.Command(harness.HostProgram, "check", "--json")
	check.Env = append(os.Environ(), "XDG_CONFIG_HOME="+config)
	out, _ := check.Output()
	assert.Contains(t, string(out), `"manifest-of-another"`)
	assert.NoFileExists(t, filepath.Join(config, "started"))
}
