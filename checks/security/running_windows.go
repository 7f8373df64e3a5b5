package security

import (
	"time"
	"unsafe"

	"github.com/yusufpapurcu/wmi"
	"golang.org/x/sys/windows"
)

// What returns the running processes and the products in the Security Center. The Security Center is asked through COM,
// so there is no text to parse.
func What() Running {
	r := Running{Processes: processes()}
	select {
	case centerBusy <- struct{}{}:
	default:
		return r // an earlier query has not been answered yet
	}
	answered := make(chan []string, 1)
	go func() {
		defer func() {
			_ = recover()
			close(answered) // ends the wait if there is no answer, for example without a Security Center
			<-centerBusy
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
	case <-time.After(centerTimeout):
	}
	return r
}

// centerBusy is held while a query of the Security Center runs: WMI may start slowly or hang and has no deadline. The other
// results must not be lost with it.
var centerBusy = make(chan struct{}, 1)

// centerTimeout: the verdict does not wait longer for names that are only information.
const centerTimeout = 300 * time.Millisecond

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
