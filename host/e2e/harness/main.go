//go:build linux && cgo

package harness

import (
	"errors"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Main builds the host and runs the tests of a package.
func Main(m *testing.M) {
	// Under nohup, the programs that tests start would inherit an ignored SIGHUP; they do not inherit one that is caught.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	dir, err := os.MkdirTemp("", "etax-doctor-e2e")
	if err != nil {
		log.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // some tests run the program as another user
		log.Fatal(err)
	}
	HostProgram = filepath.Join(dir, "etax-doctor")
	if out, err := exec.Command("go", "build", "-o", HostProgram, "etax-doctor/host").CombinedOutput(); err != nil {
		log.Fatalf("the host does not build: %v\n%s", err, out)
	}
	// The registration of a bridge's app, where this user's Chromium would find it. Nothing ever starts the app.
	app := filepath.Join(dir, "chromium", "NativeMessagingHosts", "jp.go.cao.mpa.json")
	manifest := fmt.Sprintf(`{"name":"jp.go.cao.mpa","description":"MPA","path":%q,"type":"stdio",
		"allowed_origins":["chrome-extension://fjjibalalngebiaophebgkkohaaggphf/"]}`, HostProgram)
	if err := errors.Join(os.MkdirAll(filepath.Dir(app), 0o755), os.WriteFile(app, []byte(manifest), 0o644), os.Setenv("XDG_CONFIG_HOME", dir), os.Setenv("XDG_STATE_HOME", filepath.Join(dir, "state"))); err != nil {
		log.Fatal(err)
	}
	code := m.Run()
	endRunning()
	os.RemoveAll(dir)
	os.Exit(code)
}

// OnlyInFull leaves a test, or a part of one, to make full, which is run before a release: make test has to be fast. A test that
// SECURITY.md names as a proof fails instead.
func OnlyInFull(t testing.TB) {
	t.Helper()
	if !testing.Short() {
		return
	}
	promises, err := os.ReadFile("../../SECURITY.md")
	require.NoError(t, err)
	name, _, _ := strings.Cut(t.Name(), "/")
	require.False(t, strings.Contains(string(promises), "`"+name+"`"), "it is a proof, which make test has to run")
	t.Skip("left to make full")
}

// Build builds a Go package or file with the flags of a release, once, and returns the path of the test's own copy of the program.
func Build(t testing.TB, what string) string {
	t.Helper()
	path, isBuilt := built[what]
	if !isBuilt {
		path = filepath.Join(filepath.Dir(HostProgram), fmt.Sprint("program", len(built)))
		out, err := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, what).CombinedOutput()
		require.NoError(t, err, string(out))
		built[what] = path
	}
	own := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.Link(path, own))
	return own
}

// built holds the programs that Build has built, by what they were built from. Linking one takes as long as half a scene.
var built = map[string]string{}
