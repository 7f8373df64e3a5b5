//go:build linux && cgo

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A double click on the program opens a console of its own, which asks, and stays until the person has answered.
func TestADoubleClickUnderWine(t *testing.T) {
	w := startWine(t)
	w.withoutAScreen()
	build := exec.Command("go", "build", "-o", filepath.Join(w.Shared, "console.exe"), "etax-doctor/testdata/wine/console")
	build.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	shown := w.Must("cd " + filepath.Dir(w.Program) + " && wine64 start etax-doctor.exe && wine64 console.exe etax-doctor.exe 'press Enter' 3")
	assert.Contains(t, shown, "1. Check this computer")
	assert.Contains(t, shown, "ENDED")
}
