package checks_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// packages maps the path of each package of the project, below its root, to the project's packages that it imports.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, system := range []string{"linux", "windows", "darwin"} {
		cmd := exec.Command("go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "etax-doctor/...")
		cmd.Env = append(os.Environ(), "GOOS="+system)
		out, err := cmd.Output()
		require.NoError(t, err)
		for line := range strings.Lines(string(out)) {
			fields := strings.Fields(line)
			from := strings.TrimPrefix(fields[0], "etax-doctor/")
			for _, path := range fields[1:] {
				if own, ok := strings.CutPrefix(path, "etax-doctor/"); ok {
					all[from] = append(all[from], own)
				}
			}
		}
	}
	require.Greater(t, len(all), 25)
	return all
}

// leaves may be imported by every room.
var leaves = []string{"checks/facts", "checks/finding", "checks/platform", "checks/bridge", "checks/conditions", "checks/table", "manifests"}

// Imports go in one direction: host, then checks, then rooms, then leaves. A room reads what it needs from another room
// in the facts.
func TestImports(t *testing.T) {
	const smartcard = "checks/smartcard/"
	var rooms []string // the folders of checks with codes of their own
	allowed := func(from, to string) bool {
		top, room, _ := strings.Cut(from, "/")
		switch {
		case strings.HasPrefix(from, smartcard):
			return strings.HasPrefix(to, smartcard) || to == "checks/facts" || to == "checks/bounded"
		case from == "checks/facts", from == "checks/finding", from == "checks/bounded", from == "checks/table", from == "manifests", from == "extension":
			return false
		case from == "checks/platform":
			return false
		case from == "checks/platform/platformtest":
			return to == "checks/platform"
		case from == "checks/bridge":
			return slices.Contains([]string{"checks/facts", "checks/platform", "checks/table", "manifests"}, to)
		case from == "checks/conditions":
			return to == "checks/facts" || to == smartcard+"readername"
		case top == "checks" && slices.Contains(rooms, room):
			touchesCards := slices.Contains([]string{"reader", "card", "certificate"}, room)
			return slices.Contains(leaves, to) || touchesCards && strings.HasPrefix(to, smartcard)
		case from == "checks/simulate": // whole machines, for people without a reader
			return to == "checks" || to == "checks/facts" || strings.HasPrefix(to, smartcard)
		case top == "checks":
			return strings.HasPrefix(to, "checks/") || to == "manifests"
		case top == "install":
			return to == "extension" || to == "manifests" || strings.HasPrefix(to, "install/")
		case top == "testdata":
			return true // fakes, which nothing imports
		}
		return top == "host"
	}
	all := packages(t)
	files, err := filepath.Glob("*/codes.json")
	require.NoError(t, err)
	for _, file := range files {
		if room := filepath.Dir(file); room != "finding" {
			rooms = append(rooms, room)
		}
	}
	require.Greater(t, len(rooms), 8)
	for from, imports := range all {
		for _, to := range imports {
			assert.True(t, allowed(from, to), "%s imports %s", from, to)
			assert.False(t, strings.HasPrefix(to, "testdata/"), "%s imports %s", from, to)
			if strings.HasPrefix(to, "host/") {
				assert.True(t, strings.HasPrefix(from, "host"), "%s imports %s", from, to)
			}
			isTest := strings.HasSuffix(to, "test") || strings.HasSuffix(to, "harness")
			assert.False(t, isTest && !strings.HasSuffix(from, "test") && !strings.HasSuffix(from, "harness"), "%s imports %s, which is for tests", from, to)
		}
	}
}
