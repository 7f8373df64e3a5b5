package licence

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDependencies checks every module that is in a program, on each system.
func TestDependencies(t *testing.T) {
	seen := map[string]bool{}
	for _, system := range []string{"linux", "windows", "darwin"} {
		list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Dir}}{{end}}{{end}}", "etax-doctor/host")
		list.Env = append(os.Environ(), "GOOS="+system)
		if system != "linux" {
			list.Env = append(list.Env, "CGO_ENABLED=0")
		}
		out, err := list.Output()
		require.NoError(t, err)
		for line := range strings.Lines(string(out)) {
			path, dir, there := strings.Cut(strings.TrimSpace(line), " ")
			if !there || seen[path] {
				continue
			}
			seen[path] = true
			_, err := In(dir)
			assert.NoError(t, err, path)
		}
	}
	assert.Greater(t, len(seen), 5)
	assert.True(t, seen["github.com/ebfe/scard"])
}

// The extension is distributed as it is in the repository: npm packages are used only for tests.
func TestTheExtensionHasNoDependencies(t *testing.T) {
	data, err := os.ReadFile("../../package.json")
	require.NoError(t, err)
	var described map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(data, &described))
	assert.NotContains(t, described, "dependencies")
}

func TestWhatIsNotAllowed(t *testing.T) {
	_, err := In(t.TempDir())
	assert.ErrorContains(t, err, "no licence")
	gpl, err := os.ReadFile("/usr/share/common-licenses/GPL-3") // on every Debian
	require.NoError(t, err)
	for name, text := range map[string]string{
		"is none that is known": "All rights reserved. Ask us.",
		"GPL-3.0":               string(gpl),
	} {
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, "COPYING"), []byte(text), 0o644))
		_, err := In(dir)
		assert.ErrorContains(t, err, name)
	}
}
