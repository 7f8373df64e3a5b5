package reader

import (
	"os"
	"path/filepath"
	"strings"

	"etax-doctor/checks/facts"
)

// usbDevices is where the kernel lists USB devices and their interfaces.
const usbDevices = "/sys/bus/usb/devices"

// smartCardClass is the USB interface class of CCID readers.
const smartCardClass = "0b"

// Devices lists the USB devices that are card readers, by their interface class or by their id, whether or not PC/SC
// has a driver for them.
func Devices() []facts.Device { return devicesIn(usbDevices) }

func devicesIn(root string) []facts.Device {
	entries, err := os.ReadDir(root)
	if err != nil {
		return nil
	}
	classes := map[string]bool{} // devices with a smart card interface
	for _, e := range entries {
		device, _, isInterface := strings.Cut(e.Name(), ":")
		if isInterface && attribute(root, e.Name(), "bInterfaceClass") == smartCardClass {
			classes[device] = true
		}
	}
	var devices []facts.Device
	for _, e := range entries {
		vendor, product := attribute(root, e.Name(), "idVendor"), attribute(root, e.Name(), "idProduct")
		if vendor == "" || product == "" {
			continue
		}
		id := vendor + ":" + product
		k, isKnown := ByUSB(id)
		if isKnown || classes[e.Name()] {
			devices = append(devices, facts.Device{USB: id, Name: k.Name, SmartCardClass: classes[e.Name()]})
		}
	}
	return devices
}

// attribute reads a small file of sysfs.
func attribute(root, device, name string) string {
	data, err := os.ReadFile(filepath.Join(root, device, name))
	if err != nil || len(data) > 64 {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(string(data)))
}
