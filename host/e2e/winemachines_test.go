//go:build linux && cgo

package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/app"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/checks/platform/platformtest"
	"etax-doctor/checks/policy"
	"etax-doctor/manifests"
)

// writtenMachine is a case of testdata/machines.
type writtenMachine struct {
	Name       string
	layer      string
	Browser    string   // in use
	Browsers   []string // the installed ones, in a policy case
	UserLevel  bool     // the bridge's app is registered for this user
	AlsoSystem bool     // and for the computer
	Machine    platformtest.Fixture
	Want       []string
}

// writtenMachines puts the machines of testdata/machines into Wine's own registry and disk, runs the Windows program on
// each, and prints one table: the expected findings, those on Linux from the fixture itself, and those under Wine. With -short,
// the first one for each expected result: the tests of the rooms judge all of them as fixtures.
func writtenMachines(t *testing.T, w *wine) {
	var script strings.Builder
	fmt.Fprintf(&script, "cd /outside/%s\n", filepath.Base(w.Shared))
	var made []writtenMachine
	var before []string // the keys of the previous machine
	possible, played := 0, map[string]bool{}
	for _, m := range readMachines(t) {
		if m.Machine.OS != "windows" {
			continue
		}
		if why := m.notInWine(); why != "" {
			t.Logf("%-75s only as a fixture: %s", m.Name, why)
			continue
		}
		possible++
		result := asKey(m.layer, m.Want)
		if testing.Short() && played[result] {
			continue
		}
		played[result] = true
		folder := filepath.Join(w.Shared, fmt.Sprint("machine", len(made)))
		reg, keys := m.registryFile(t, before)
		w.write(fmt.Sprintf("machine%d.reg", len(made)), reg)
		before = keys
		m.writeFiles(t, folder)
		args := "--only " + m.layer
		if m.Browser != "" {
			args += " --browser " + m.Browser
		}
		fmt.Fprintf(&script, "rm -rf prefix/drive_c/MPA prefix/drive_c/JPKI; cp -r machine%[1]d/. prefix/drive_c/; wine64 reg import machine%[1]d.reg >/dev/null 2>&1\n"+
			"wine64 etax-doctor.exe check --json %[2]s >machine%[1]d.json 2>machine%[1]d.err || true\n", len(made), args)
		made = append(made, m)
	}
	require.Greater(t, possible, 60)
	t.Logf("%-75s %-45s %-45s %s", "MACHINE", "EXPECTED", "LINUX (FIXTURE)", "WINDOWS UNDER WINE")
	w.Must(script.String())
	for i, m := range made {
		data, err := os.ReadFile(filepath.Join(w.Shared, fmt.Sprintf("machine%d.json", i)))
		require.NoError(t, err)
		var r windowsReport
		require.NoError(t, json.Unmarshal(data, &r), "%s: %s", m.Name, data)
		var given []string
		for _, f := range r.Findings {
			given = append(given, f.Code+" "+f.Status)
		}
		assert.ElementsMatch(t, m.Want, given, "%s: %s", m.Name, r.Facts)
		t.Logf("%-75s %-45s %-45s %s", m.Name, strings.Join(m.Want, ", "), strings.Join(m.onLinux(t), ", "), strings.Join(given, ", "))
	}
}

// onLinux returns the findings for the same machine as a fixture.
func (m *writtenMachine) onLinux(t *testing.T) (given []string) {
	f := &facts.Facts{Browser: m.Browser, App: app.Probe(t.Context(), m.Machine.Computer()), Policy: policy.Probe(t.Context(), m.Machine.Computer())}
	judge := map[string]func(*facts.Facts) []finding.Finding{"app": app.Judge, "policy": policy.Judge}[m.layer]
	for _, x := range judge(f) {
		given = append(given, string(x.Code)+" "+string(x.Status))
	}
	assert.Equal(t, m.Want, given, m.Name)
	return given
}

func readMachines(t *testing.T) (all []writtenMachine) {
	for _, layer := range []string{"app", "policy"} {
		data, err := os.ReadFile("../../testdata/machines/" + layer + ".json")
		require.NoError(t, err)
		var some []writtenMachine
		require.NoError(t, json.Unmarshal(data, &some))
		for _, m := range some {
			m.layer = layer
			if layer == "policy" {
				m.addApp()
			}
			all = append(all, m)
		}
	}
	return all
}

// addApp adds what the policy cases only imply: their browsers, and where the bridge's app is registered.
func (m *writtenMachine) addApp() {
	if m.Browsers == nil {
		m.Browsers = []string{"chrome"}
	}
	text := func(s string) map[string]json.RawMessage {
		data, _ := json.Marshal(s)
		return map[string]json.RawMessage{"": data}
	}
	registered := maps.Clone(m.Machine.Registered)
	for _, b := range manifests.Browsers() {
		if slices.Contains(m.Browsers, b.ID) {
			registered[`HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\`+b.WindowsProgram] = text(`C:\browser.exe`)
		}
	}
	const host = `\SOFTWARE\Google\Chrome\NativeMessagingHosts\jp.go.cao.mpa`
	if m.UserLevel {
		registered["HKCU"+host] = text(`C:\MPA\mpa.json`)
	}
	if !m.UserLevel || m.AlsoSystem {
		registered["HKLM64"+host] = text(`C:\MPA\mpa.json`)
	}
	m.Machine.Registered = registered
	m.Machine.Paths = map[string]json.RawMessage{
		`C:\MPA\mpa.exe`: json.RawMessage(`"program"`),
		`C:\MPA\mpa.json`: json.RawMessage(`{"json": {"name":"jp.go.cao.mpa","description":"MPA","path":"C:\\MPA\\mpa.exe","type":"stdio",
			"allowed_origins":["chrome-extension://fjjibalalngebiaophebgkkohaaggphf/"]}}`),
	}
}

// notInWine says why a machine cannot be made here; "" where it can.
func (m *writtenMachine) notInWine() string {
	isError := func(raw json.RawMessage) bool {
		var e struct{ Error string }
		return json.Unmarshal(raw, &e) == nil && e.Error != ""
	}
	for _, values := range m.Machine.Registered {
		for _, raw := range values {
			if isError(raw) {
				return "Wine keeps no permissions"
			}
		}
	}
	for _, raw := range m.Machine.Paths {
		if isError(raw) {
			return "root may read all files"
		}
	}
	return ""
}

// registryFile is a .reg file that removes the keys of the previous machine and creates those of this one.
func (m *writtenMachine) registryFile(t *testing.T, before []string) (file string, keys []string) {
	lines := []string{"Windows Registry Editor Version 5.00"}
	for _, k := range before {
		lines = append(lines, "[-"+k+"]")
	}
	for _, written := range slices.Sorted(maps.Keys(m.Machine.Registered)) {
		for _, key := range inRoots(t, written) {
			if m.Machine.Registered[written] == nil { // removed
				lines = append(lines, "[-"+key+"]")
				continue
			}
			keys = append(keys, key)
			lines = append(lines, "["+key+"]")
			for name, raw := range m.Machine.Registered[written] {
				lines = append(lines, registryValue(t, name, raw))
			}
		}
	}
	return utf16File(strings.Join(lines, "\r\n") + "\r\n"), keys
}

// inRoots returns the real keys of a key in a fixture: those of both registry views if it names none.
func inRoots(t *testing.T, written string) []string {
	root, rest, _ := strings.Cut(written, `\`)
	folder, below, _ := strings.Cut(rest, `\`)
	if strings.EqualFold(written, `HKLM\`+rest) && strings.EqualFold(folder, "System") {
		return []string{`HKEY_LOCAL_MACHINE\System\` + below}
	}
	require.True(t, strings.EqualFold(folder, "SOFTWARE"), written)
	switch root {
	case "HKCU", "HKCU32", "HKCU64": // both views are the same there
		return []string{`HKEY_CURRENT_USER\Software\` + below}
	case "HKLM32":
		return []string{`HKEY_LOCAL_MACHINE\Software\Wow6432Node\` + below}
	case "HKLM64":
		return []string{`HKEY_LOCAL_MACHINE\Software\` + below}
	case "HKLM":
		return []string{`HKEY_LOCAL_MACHINE\Software\` + below, `HKEY_LOCAL_MACHINE\Software\Wow6432Node\` + below}
	}
	require.Fail(t, "unknown root", written)
	return nil
}

func registryValue(t *testing.T, name string, raw json.RawMessage) string {
	label := "@"
	quote := func(s string) string { return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"` }
	if name != "" {
		label = quote(name)
	}
	var number uint32
	if json.Unmarshal(raw, &number) == nil {
		return fmt.Sprintf("%s=dword:%08x", label, number)
	}
	var text string
	require.NoError(t, json.Unmarshal(raw, &text), "%s", raw)
	return label + "=" + quote(text)
}

// utf16File encodes a text as Windows' own registry editor does.
func utf16File(text string) string {
	var b strings.Builder
	b.WriteString("\xFF\xFE")
	for _, unit := range utf16.Encode([]rune(text)) {
		b.WriteByte(byte(unit))
		b.WriteByte(byte(unit >> 8))
	}
	return b.String()
}

// writeFiles writes the machine's drive C into folder.
func (m *writtenMachine) writeFiles(t *testing.T, folder string) {
	require.NoError(t, os.Mkdir(folder, 0o755))
	for path, raw := range m.Machine.Paths {
		name := filepath.Join(folder, strings.ReplaceAll(strings.TrimPrefix(path, `C:\`), `\`, "/"))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		var e struct {
			Folder bool
			Size   int64
		}
		if _ = json.Unmarshal(raw, &e); e.Folder {
			require.NoError(t, os.Mkdir(name, 0o755))
			continue
		}
		content, err := m.Machine.Read(path, 1<<30)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(name, content, 0o644))
		if e.Size > 0 {
			require.NoError(t, os.Truncate(name, e.Size))
		}
	}
}
