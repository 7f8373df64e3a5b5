//go:build linux

package reader

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
)

// sysfs writes a made-up /sys/bus/usb/devices.
func sysfs(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return root
}

func TestDevices(t *testing.T) {
	root := sysfs(t, map[string]string{
		"usb1/idVendor": "1d6b\n", "usb1/idProduct": "0002\n",
		"1-1/idVendor": "054c\n", "1-1/idProduct": "06c1\n", // a PaSoRi: known, but of a vendor class
		"1-1:1.0/bInterfaceClass": "ff\n",
		"1-2/idVendor":            "04e6\n", "1-2/idProduct": "9999\n", // not known, but a standard reader
		"1-2:1.0/bInterfaceClass": "0b\n",
		"1-3/idVendor":            "046d\n", "1-3/idProduct": "c534\n", // a mouse
		"1-3:1.0/bInterfaceClass": "03\n",
		"1-4/idVendor":            "054c\n", // broken
		"1-5/idVendor":            string(make([]byte, 1000)), "1-5/idProduct": "06c1",
	})
	assert.Equal(t, []facts.Device{
		{USB: "054c:06c1", Name: "Sony PaSoRi RC-S380"},
		{USB: "04e6:9999", SmartCardClass: true},
	}, devicesIn(root))
	assert.Empty(t, devicesIn(filepath.Join(root, "no such folder")))
}

func TestDriverMissingNamesTheDriver(t *testing.T) {
	f := &facts.Facts{Service: &facts.Service{OS: "windows"}, PCSC: &facts.PCSC{State: facts.PCSCReachable,
		Devices: []facts.Device{{USB: "054c:06c1", Name: "Sony PaSoRi RC-S380"}}}}
	assert.Equal(t, finding.Args{"os": "windows", "device": "054c:06c1", "name": "Sony PaSoRi RC-S380", "driver": "NFCポートソフトウェア"}, Judge(f)[0].Args)
	f.PCSC.Devices[0] = facts.Device{USB: "04e6:9999", SmartCardClass: true}
	assert.Equal(t, "04e6:9999", Judge(f)[0].Args["name"])
}

func TestTableOfReaders(t *testing.T) {
	for _, k := range known() {
		assert.NotEmpty(t, k.Name)
		assert.Contains(t, []string{"high", "medium", "low"}, k.Confidence, k.Name)
		for _, id := range k.USB {
			assert.Regexp(t, `^[0-9a-f]{4}:[0-9a-f]{4}$`, id)
		}
		for os := range k.Driver {
			assert.Contains(t, []string{"windows", "linux", "darwin"}, os)
		}
	}
}
