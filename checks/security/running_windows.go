package security

import (
	"unsafe"

	"github.com/yusufpapurcu/wmi"
	"golang.org/x/sys/windows"
)

// What asks this computer for what runs: the processes, and the products in the Security Center, which is reached
// through COM and has no text to parse.
func What() Running {
	r := Running{Processes: processes()}
	var answer []struct{ DisplayName string }
	if err := wmi.QueryNamespace("SELECT displayName FROM AntiVirusProduct", &answer, `root\SecurityCenter2`); err == nil {
		r.Known = true
		for _, a := range answer {
			r.Registered = append(r.Registered, a.DisplayName)
		}
	}
	return r
}

func processes() (names []string) {
	snapshot, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return nil
	}
	defer windows.CloseHandle(snapshot)
	entry := windows.ProcessEntry32{Size: uint32(unsafe.Sizeof(windows.ProcessEntry32{}))}
	for err = windows.Process32First(snapshot, &entry); err == nil; err = windows.Process32Next(snapshot, &entry) {
		names = append(names, windows.UTF16ToString(entry.ExeFile[:]))
	}
	return names
}
