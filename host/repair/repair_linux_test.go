package repair

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestStartServiceAsksForRights(t *testing.T) {
	real := pkexec
	defer func() { pkexec = real }()
	dir := t.TempDir()
	asked := filepath.Join(dir, "asked")
	for script, want := range map[string]Outcome{
		"echo \"$@\" >" + asked: Done,
		"exit 126":              Declined,
		"exit 127":              Declined,
		"exit 1":                Failed,
	} {
		pkexec = filepath.Join(dir, "pkexec")
		require.NoError(t, os.WriteFile(pkexec, []byte("#!/bin/sh\n"+script+"\n"), 0o755))
		assert.Equal(t, want, Do(t.Context(), StartService), script)
	}
	said, err := os.ReadFile(asked)
	require.NoError(t, err)
	assert.Equal(t, "/usr/bin/systemctl start pcscd.socket\n", string(said))
	pkexec = filepath.Join(dir, "nowhere")
	assert.Equal(t, Unsupported, Do(t.Context(), StartService))
}

func TestWhatLinuxDoesNotHave(t *testing.T) {
	for _, a := range []Action{OpenJPKIMenu, OpenServices} {
		assert.True(t, Known(a))
		assert.Equal(t, Unsupported, Do(t.Context(), a))
	}
	assert.False(t, Known("format-disk"))
}
