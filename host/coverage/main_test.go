package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// profile writes a profile in which every judge has run. It contains the judge of the PINs twice: two test programs have
// run different parts of it, and a part counts if one of them has run it. It leaves out the file without.
func profile(t *testing.T, second int, without string) string {
	t.Helper()
	lines := []string{"mode: set", "etax-doctor/host/main.go:1.1,2.1 10 0",
		"etax-doctor/checks/certificate/counters.go:1.1,2.1 3 1", "etax-doctor/checks/certificate/counters.go:3.1,4.1 1 0",
		"etax-doctor/checks/certificate/counters.go:1.1,2.1 3 0", fmt.Sprintf("etax-doctor/checks/certificate/counters.go:3.1,4.1 1 %d", second)}
	rooms, err := filepath.Glob("checks/*/judge.go")
	require.NoError(t, err)
	for _, file := range append(rooms, "checks/smartcard/jpki/read.go", "checks/smartcard/jpki/certificate.go", "checks/symptom/symptom.go", "checks/finding/verdict.go",
		"checks/policy/precedence.go", "checks/conditions/conditions.go", "checks/judging.go", "checks/rooms.go") {
		if file != without && file != "checks/certificate/counters.go" {
			lines = append(lines, "etax-doctor/"+file+":1.1,2.1 1 1")
		}
	}
	path := filepath.Join(t.TempDir(), "profile")
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644))
	return path
}

func TestAJudgeThatWasNotRun(t *testing.T) {
	t.Chdir("../..")
	var out strings.Builder
	missed, err := run(profile(t, 0, ""), &out)
	require.NoError(t, err)
	assert.True(t, missed)
	assert.Contains(t, out.String(), "75.0 %")
	missed, err = run(profile(t, 1, ""), &out)
	require.NoError(t, err)
	assert.False(t, missed, "main.go has no aim")
	_, err = run(profile(t, 1, "checks/card/judge.go"), &out)
	assert.ErrorContains(t, err, "checks/card/judge.go is not in the profile")
	_, err = run("nowhere", &out)
	assert.Error(t, err)
}
