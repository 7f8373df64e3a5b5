package security

import (
	"time"
	"unsafe"

	"github.com/yusufpapurcu/wmi"
	"golang.org/x/sys/windows"
)

// What asks this computer for what runs: the processes, and the products in the Security Center, which is reached
// through COM and has no text to parse.
func What() Running {
	r := Running{Processes: processes()}
	select {
	case center <- struct{}{}:
	default:
		return r // an earlier question has not been answered yet
	}
	answered := make(chan []string, 1)
	go func() {
		defer func() {
			_ = recover()
			close(answered) // without an answer, for example where there is no Security Center, nobody waits
			<-center
		}()
		var answer []struct{ DisplayName string }
		if wmi.QueryNamespace("SELECT displayName FROM AntiVirusProduct", &answer, `root\SecurityCenter2`) != nil {
			return
		}
		names := make([]string, len(answer))
		for i, a := range answer {
			names[i] = a.DisplayName
		}
		answered <- names
	}()
	select {
	case r.Registered, r.Known = <-answered:
	case <-time.After(centerPatience):
	}
	return r
}

// center is held while the Security Center is being asked: WMI may be slow to start or hang, has no deadline, and must
// not take the rest of what was found with it.
var center = make(chan struct{}, 1)

const centerPatience = time.Second

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
