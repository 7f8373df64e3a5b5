package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Two test programs have run different parts; what either has run counts.
func TestAJudgeThatWasNotRun(t *testing.T) {
	profile := func(second int) string {
		path := filepath.Join(t.TempDir(), "profile")
		require.NoError(t, os.WriteFile(path, []byte(strings.Join([]string{
			"mode: set",
			"etax-doctor/checks/pin/judge.go:1.1,2.1 3 1", "etax-doctor/checks/pin/judge.go:3.1,4.1 1 0",
			"etax-doctor/checks/pin/judge.go:1.1,2.1 3 0", "etax-doctor/checks/pin/judge.go:3.1,4.1 1 " + string(rune('0'+second)),
			"etax-doctor/host/main.go:1.1,2.1 10 0", "",
		}, "\n")), 0o644))
		return path
	}
	var out strings.Builder
	missed, err := run(profile(0), &out)
	require.NoError(t, err)
	assert.True(t, missed)
	assert.Contains(t, out.String(), "75.0 %")
	missed, err = run(profile(1), &out)
	require.NoError(t, err)
	assert.False(t, missed, "main.go has no aim")
	_, err = run("nowhere", &out)
	assert.Error(t, err)
}
