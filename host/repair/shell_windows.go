package repair

import (
	"context"
	"errors"
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

type shellCommand struct {
	verb, file, parameters string
	// show is a constant of ShowWindow: the first window of a program that is started hidden stays hidden.
	show int32
	// wait: until the program has ended; its exit code 0 is success.
	wait bool
}

// shellExecuteInfo is SHELLEXECUTEINFOW.
type shellExecuteInfo struct {
	size       uint32
	mask       uint32
	window     windows.HWND
	verb       *uint16
	file       *uint16
	parameters *uint16
	directory  *uint16
	show       int32
	instance   windows.Handle
	idList     uintptr
	class      *uint16
	classKey   windows.Handle
	hotKey     uint32
	monitor    windows.Handle
	process    windows.Handle
}

// Values of shellapi.h.
const (
	seeMaskNoCloseProcess = 0x40
	seeMaskNoAsync        = 0x100
	seeMaskNoUI           = 0x400
)

var shellExecuteEx = windows.NewLazySystemDLL("shell32.dll").NewProc("ShellExecuteExW")

// execute returns after the person has answered the system's dialog, if there is one, and, with wait, after the program has
// ended. The window in front is given as the owner: the dialog of a program in the background would only blink in the taskbar.
func execute(ctx context.Context, c shellCommand) Outcome {
	runtime.LockOSThread() // COM belongs to a thread
	defer runtime.UnlockOSThread()
	if windows.CoInitializeEx(0, windows.COINIT_APARTMENTTHREADED|windows.COINIT_DISABLE_OLE1DDE) == nil {
		defer windows.CoUninitialize()
	}
	text := func(s string) *uint16 {
		p, _ := windows.UTF16PtrFromString(s)
		return p
	}
	info := &shellExecuteInfo{
		mask:   seeMaskNoCloseProcess | seeMaskNoAsync | seeMaskNoUI,
		window: windows.GetForegroundWindow(),
		verb:   text(c.verb), file: text(c.file), parameters: text(c.parameters), show: c.show,
	}
	info.size = uint32(unsafe.Sizeof(*info))
	ok, _, err := shellExecuteEx.Call(uintptr(unsafe.Pointer(info)))
	if info.process != 0 {
		defer windows.CloseHandle(info.process)
	}
	switch {
	case ok != 0 && c.wait:
		return waitFor(ctx, info.process)
	case ok != 0:
		return Done
	case errors.Is(err, windows.ERROR_CANCELLED), errors.Is(err, windows.ERROR_ACCESS_DENIED):
		return Declined
	}
	return Failed
}

// waitFor waits as long as the helper may take. ctx may have been used up by the person before the dialog.
func waitFor(ctx context.Context, process windows.Handle) Outcome {
	for end := time.Now().Add(startTimeout + time.Second); time.Now().Before(end) && !errors.Is(ctx.Err(), context.Canceled); {
		event, err := windows.WaitForSingleObject(process, uint32(pollInterval/time.Millisecond))
		if err != nil {
			return Failed
		}
		var code uint32
		if event == windows.WAIT_OBJECT_0 {
			if windows.GetExitCodeProcess(process, &code) == nil && code == 0 {
				return Done
			}
			return Failed
		}
	}
	return Failed
}
