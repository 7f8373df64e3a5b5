//go:build linux

package main

import (
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/extension"
	"etax-doctor/manifests"
)

// rows exports a table of an installer: by the first column, the cells by their columns.
func rows(t *testing.T, msi, table string) map[string]map[string]string {
	t.Helper()
	export := exec.Command("msiinfo", "export", msi, table)
	export.Dir = t.TempDir() // where it puts pictures
	out, err := export.Output()
	require.NoError(t, err, table)
	lines := strings.Split(strings.ReplaceAll(strings.TrimRight(string(out), "\r\n"), "\r", ""), "\n")
	columns := strings.Split(lines[0], "\t")
	all := map[string]map[string]string{}
	for _, line := range lines[min(3, len(lines)):] { // names, types, keys
		row := map[string]string{}
		for i, cell := range strings.Split(line, "\t") {
			row[columns[i]] = cell
		}
		all[row[columns[0]]] = row
	}
	return all
}

// requireInstaller checks what people see of an installer, and the rules of Microsoft's validation (ICE) that installers for
// one person break most; the validation itself runs on Windows alone.
func requireInstaller(t *testing.T, msi, arch, scope string) {
	t.Helper()
	summary, err := exec.Command("msiinfo", "suminfo", msi).Output()
	require.NoError(t, err)
	assert.Contains(t, string(summary), "Template: "+map[string]string{"amd64": "x64", "arm64": "Arm64"}[arch]+";1041\n")
	// Bit 3 of the source: no administrator is needed.
	assert.Contains(t, string(summary), map[string]string{"user": "Source: 10 ", "machine": "Source: 2 "}[scope])

	properties := rows(t, msi, "Property")
	assert.Equal(t, "e-Taxログイン診断 (etax-doctor)", properties["ProductName"]["Value"])
	assert.Equal(t, "1041", properties["ProductLanguage"]["Value"])
	assert.Equal(t, scope == "machine", properties["ALLUSERS"]["Value"] == "1")
	assert.Contains(t, rows(t, msi, "Icon"), properties["ARPPRODUCTICON"]["Value"])
	conditions := rows(t, msi, "LaunchCondition")
	assert.NotEmpty(t, conditions)
	for _, row := range conditions {
		assert.Contains(t, row["Description"], "もっと新しいもの")
	}
	for _, row := range properties {
		assert.NotContains(t, row["Value"], "~", "a placeholder")
	}

	components, registry, files, directories := rows(t, msi, "Component"), rows(t, msi, "Registry"), rows(t, msi, "File"), rows(t, msi, "Directory")
	const bit64, registryKeyPath = 256, 4
	withFolder := map[string]bool{}
	for _, row := range rows(t, msi, "RemoveFile") {
		withFolder[row["DirProperty"]] = true
	}
	codes := map[string]bool{}
	for id, component := range components {
		attributes, err := strconv.Atoi(component["Attributes"])
		require.NoError(t, err)
		assert.NotZero(t, attributes&bit64, "ICE80: %s", id)
		assert.False(t, codes[component["ComponentId"]], "ICE08: %s", id)
		codes[component["ComponentId"]] = true
		if attributes&registryKeyPath != 0 {
			assert.Equal(t, id, registry[component["KeyPath"]]["Component_"], "ICE19: %s", id)
		} else {
			assert.Equal(t, id, files[component["KeyPath"]]["Component_"], "ICE18: %s", id)
		}
		if scope == "user" {
			assert.Equal(t, "1", registry[component["KeyPath"]]["Root"], "ICE38: %s has no value of this person as its key path", id)
		}
	}
	for id, row := range files { // else Windows Installer keeps an older program
		want := ""
		if row["FileName"] == "etax-doctor.exe" || strings.HasSuffix(row["FileName"], "|etax-doctor.exe") {
			want = extension.Version() + ".0 1041"
			assert.NotContains(t, rows(t, msi, "MsiFileHash"), id)
		}
		assert.Equal(t, want, strings.TrimSpace(row["Version"]+" "+row["Language"]), row["FileName"])
	}
	for _, row := range rows(t, msi, "Upgrade") {
		assert.Equal(t, map[string]string{"WIX_UPGRADE_DETECTED": "513", "WIX_DOWNGRADE_DETECTED": "2"}[row["ActionProperty"]], row["Attributes"])
	}
	for _, row := range registry {
		assert.Equal(t, map[string]string{"user": "1", "machine": "2"}[scope], row["Root"], "ICE57: %s", row["Key"])
	}
	names := map[string]bool{}
	for id, row := range files {
		assert.LessOrEqual(t, len(id), 72)
		names[components[row["Component_"]]["Directory_"]+"/"+row["FileName"]] = true
	}
	assert.Len(t, names, len(files), "ICE30")
	for id := range directories {
		if scope == "user" && id != "TARGETDIR" && id != "LocalAppDataFolder" {
			assert.True(t, withFolder[id], "ICE64: %s", id)
		}
	}

	// Chrome looks for a person's own registration first: one that is left would keep the older program in use.
	// The entry in Installed apps of an installation from the zip goes too.
	var taken []string
	for _, row := range rows(t, msi, "RemoveRegistry") {
		assert.Equal(t, "-", row["Name"])
		taken = append(taken, row["Root"]+" "+row["Key"])
	}
	want := []string{map[string]string{"user": "1", "machine": "2"}[scope] + ` SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\etax-doctor`}
	for _, b := range manifests.AllBrowsers() {
		if key := "1 " + b.WindowsKeys[0] + `\` + manifests.ForHost("").Name; scope == "machine" && !slices.Contains(want, key) {
			want = append(want, key)
		}
	}
	assert.ElementsMatch(t, want, taken)
}
