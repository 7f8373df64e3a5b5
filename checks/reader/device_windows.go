package reader

import (
	"regexp"
	"strings"
	"sync"

	"golang.org/x/sys/windows"

	"etax-doctor/checks/facts"
)

// smartCardReaders is the device setup class of readers that have a driver.
var smartCardReaders = windows.GUID{Data1: 0x50DD5230, Data2: 0xBA8A, Data3: 0x11D1,
	Data4: [8]byte{0xBF, 0x5D, 0x00, 0x00, 0xF8, 0x05, 0xF5, 0x30}}

var hardwareID = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)VID_([0-9A-F]{4})&PID_([0-9A-F]{4})`)
})

// Devices lists the USB devices that are card readers, by their class or by their id, with the problem that Windows
// reports for them. It needs no administrator rights.
func Devices() []facts.Device {
	set, err := windows.SetupDiGetClassDevsEx(nil, "USB", 0, windows.DIGCF_ALLCLASSES|windows.DIGCF_PRESENT, 0, "")
	if err != nil {
		return nil
	}
	defer set.Close()
	var devices []facts.Device
	for i := 0; ; i++ {
		info, err := set.EnumDeviceInfo(i)
		if err != nil {
			return devices
		}
		property, err := set.DeviceRegistryProperty(info, windows.SPDRP_HARDWAREID)
		ids, _ := property.([]string)
		if err != nil || len(ids) == 0 {
			continue
		}
		m := hardwareID().FindStringSubmatch(ids[0])
		if m == nil {
			continue
		}
		id := strings.ToLower(m[1] + ":" + m[2])
		k, known := ByUSB(id)
		d := facts.Device{USB: id, Name: k.Name, SmartCardClass: info.ClassGUID == smartCardReaders}
		var status, problem uint32
		if windows.CM_Get_DevNode_Status(&status, &problem, info.DevInst, 0) == nil && status&windows.DN_HAS_PROBLEM != 0 {
			d.Problem = problem
		}
		if known || d.SmartCardClass {
			devices = merge(devices, d)
		}
	}
}

// merge combines a device and its interfaces into one entry. Only the interface that reads cards matters: a second one,
// of a vendor class, may have no driver.
func merge(devices []facts.Device, d facts.Device) []facts.Device {
	for i, known := range devices {
		switch {
		case known.USB != d.USB:
			continue
		case d.SmartCardClass && !known.SmartCardClass:
			devices[i] = d
		case d.SmartCardClass == known.SmartCardClass:
			devices[i].Problem = max(known.Problem, d.Problem)
		}
		return devices
	}
	return append(devices, d)
}
