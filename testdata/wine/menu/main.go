//go:build windows

// Command menu plays JPKIMenu.exe, for tests: it opens a window as it was told to when it was started, and writes into the file
// "seen" beside the program whether the window is visible.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	user32       = windows.NewLazySystemDLL("user32.dll")
	createWindow = user32.NewProc("CreateWindowExW")
	showWindow   = user32.NewProc("ShowWindow")
	isVisible    = user32.NewProc("IsWindowVisible")
)

const (
	overlapped  = 0x00CF0000 // WS_OVERLAPPEDWINDOW
	showDefault = 10         // SW_SHOWDEFAULT: as STARTUPINFO says
)

func main() {
	runtime.LockOSThread() // a window belongs to the thread that made it: shown from another one, it waits for the first for ever
	class, _ := windows.UTF16PtrFromString("STATIC")
	window, _, err := createWindow.Call(0, uintptr(unsafe.Pointer(class)), uintptr(unsafe.Pointer(class)), overlapped, 0, 0, 200, 100, 0, 0, 0, 0)
	showWindow.Call(window, showDefault)
	visible, _, _ := isVisible.Call(window)
	program, _ := os.Executable()
	text := fmt.Sprintf("window %t visible %t %v", window != 0, visible != 0, err)
	if os.WriteFile(filepath.Join(filepath.Dir(program), "seen"), []byte(text), 0o644) != nil {
		os.Exit(1)
	}
}
