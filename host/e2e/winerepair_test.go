//go:build linux && cgo

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/host/e2e/harness"
)

// repair asks the Windows program, as its host, for a repair, and returns what it said.
func (w *wine) repair(action string) string {
	w.T.Helper()
	frames := harness.Framed(`{"type":"repair","id":"1","action":"` + action + `"}`)
	require.NoError(w.T, os.WriteFile(filepath.Join(w.Shared, "frames"), frames, 0o644))
	// The host's input stays open until it has answered: its end would end the repair.
	return w.Must("cd " + filepath.Dir(w.Program) + `
rm -f in said && mkfifo in
wine64 etax-doctor.exe chrome-extension://` + harness.ExtensionID + `/ <in >said &
exec 3>in
cat frames >&3
for i in $(seq 600); do grep -q '"type":"repaired"' said && break; sleep 0.1; done
exec 3>&-
wait
cat said`)
}

// What a person has to see is visible, and the elevated part of a repair says how it went.
func TestRepairsUnderWine(t *testing.T) {
	w := startWine(t)
	w.withoutAScreen()
	w.reg([4]string{`HKLM\SOFTWARE\JPKI`, "InstallPath", "REG_SZ", `Z:\outside\` + filepath.Base(w.Shared)})
	build := exec.Command("go", "build", "-ldflags=-H=windowsgui", "-o", filepath.Join(w.Shared, "JPKIMenu.exe"), "etax-doctor/testdata/wine/menu")
	build.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))

	assert.Contains(t, w.repair("open-jpki-menu"), `"outcome":"done"`)
	require.Eventually(t, func() bool {
		seen, err := os.ReadFile(filepath.Join(w.Shared, "seen"))
		return err == nil && len(seen) > 0
	}, harness.Timeout, harness.Poll, "the menu was not started")
	seen, err := os.ReadFile(filepath.Join(w.Shared, "seen"))
	require.NoError(t, err)
	assert.Contains(t, string(seen), "visible true")

	// There is no such service, one that cannot be started, one that is disabled, and one that runs already.
	const smartCard = `HKLM\System\CurrentControlSet\Services\SCardSvr`
	w.Must("wine64 sc delete SCardSvr >/dev/null")
	w.Reboot()
	assert.Contains(t, w.repair("start-service"), `"outcome":"failed"`)
	w.Must(`wine64 sc create SCardSvr binPath= 'Z:\nowhere.exe' >/dev/null`)
	assert.Contains(t, w.repair("start-service"), `"outcome":"failed"`)
	w.Must(`wine64 sc delete SCardSvr >/dev/null; wine64 sc create SCardSvr start= disabled binPath= 'Z:\outside\` + filepath.Base(w.Shared) + `\service.exe' >/dev/null`)
	assert.Contains(t, w.repair("start-service"), `"outcome":"done"`)
	assert.Contains(t, w.Must("wine64 reg query '"+smartCard+"' /v Start"), "0x3", "set back to what Windows ships")
	assert.Contains(t, w.repair("start-service"), `"outcome":"done"`)

	_, err = w.Inside("wine64 " + w.Program + " elevated format-disk")
	assert.Error(t, err, "an action that is none")
}
