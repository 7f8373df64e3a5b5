//go:build linux && cgo

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/manifests"
)

// The command line starts what is registered, as a browser would, and says whether it answers.
func TestOurOwnRegistration(t *testing.T) {
	script := func(content string) string {
		path := filepath.Join(t.TempDir(), "etax-doctor")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o755))
		return path
	}
	for name, c := range map[string]struct {
		program, want, reason string
	}{
		"fine":            {hostProgram, "doctor.ready", ""},
		"mute":            {script("#!/bin/sh\nsleep 20\n"), "doctor.broken", "no-answer"},
		"not ours":        {script("#!/bin/sh\necho hello\n"), "doctor.broken", "no-answer"},
		"another version": {script("#!/bin/sh\nprintf '\\042\\0\\0\\0{\"type\":\"hello\",\"version\":\"0.0.1\"}'\n"), "doctor.broken", "other-version"},
		"gone":            {"/nowhere/etax-doctor", "doctor.broken", "program-missing"},
		"nowhere":         {"", "doctor.unregistered", ""},
	} {
		t.Run(name, func(t *testing.T) {
			config := t.TempDir()
			folder := filepath.Join(config, "chromium", "NativeMessagingHosts")
			require.NoError(t, os.MkdirAll(folder, 0o755))
			if c.program != "" {
				data, err := json.Marshal(manifests.ForHost(c.program))
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(filepath.Join(folder, "jp.etax_doctor.json"), data, 0o644))
			}
			check := exec.Command(hostProgram, "check", "--json")
			check.Env = append(os.Environ(), "XDG_CONFIG_HOME="+config)
			out, err := check.Output()
			require.NotEmpty(t, out, "%v", err)
			var report struct {
				Findings []struct {
					Code string
					Args map[string]string
				}
			}
			require.NoError(t, json.Unmarshal(out, &report))
			found := map[string]string{}
			for _, f := range report.Findings {
				found[f.Code] = f.Args["reason"]
			}
			reason, there := found[c.want]
			assert.True(t, there, found)
			assert.Equal(t, c.reason, reason)
			assert.NotContains(t, string(out), config, "paths stay in the process")
			assert.NotContains(t, string(out), "/nowhere")
		})
	}
}

// A program of another name is never started, whoever registered it under ours.
func TestAnotherProgramIsNotStarted(t *testing.T) {
	config := t.TempDir()
	program := filepath.Join(config, "other")
	require.NoError(t, os.WriteFile(program, []byte("#!/bin/sh\ntouch "+config+"/started\n"), 0o755))
	folder := filepath.Join(config, "vivaldi", "NativeMessagingHosts")
	require.NoError(t, os.MkdirAll(folder, 0o755))
	data, err := json.Marshal(manifests.ForHost(program))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "jp.etax_doctor.json"), data, 0o644))
	check := exec.Command(hostProgram, "check", "--json")
	check.Env = append(os.Environ(), "XDG_CONFIG_HOME="+config)
	out, _ := check.Output()
	assert.Contains(t, string(out), `"manifest-of-another"`)
	assert.NoFileExists(t, filepath.Join(config, "started"))
}
