package system

import "golang.org/x/sys/windows"

// smRemoteSession asks GetSystemMetrics whether the calling process belongs to a remote desktop session.
const smRemoteSession = 0x1000

var getSystemMetrics = windows.NewLazySystemDLL("user32.dll").NewProc("GetSystemMetrics")

func remoteSession() bool {
	if getSystemMetrics.Find() != nil {
		return false
	}
	remote, _, _ := getSystemMetrics.Call(smRemoteSession)
	return remote != 0
}
