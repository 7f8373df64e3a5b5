//go:build windows

// Command console plays a person before the console window of a running program, for tests:
//
//	console PROGRAM TEXT KEYS
//
// It waits until the console of PROGRAM shows TEXT, types KEYS and Enter, waits until the program has ended, and prints what the
// console showed.
package main

import (
	"fmt"
	"os"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

var (
	kernel32      = windows.NewLazySystemDLL("kernel32.dll")
	freeConsole   = kernel32.NewProc("FreeConsole")
	attachConsole = kernel32.NewProc("AttachConsole")
	readOutput    = kernel32.NewProc("ReadConsoleOutputCharacterW")
	writeInput    = kernel32.NewProc("WriteConsoleInputW")
)

// keyEvent is an INPUT_RECORD with a KEY_EVENT_RECORD.
type keyEvent struct {
	kind     uint16
	_        uint16
	down     int32
	repeat   uint16
	key      uint16
	scanCode uint16
	char     uint16
	state    uint32
}

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Println("FAILED:", err)
		os.Exit(1)
	}
}

func run(program, text, keys string) error {
	out := os.Stdout // the pipe of the test; the console is another program's from now on
	pid := find(program)
	for deadline := time.Now().Add(time.Minute); pid == 0; pid = find(program) {
		if time.Now().After(deadline) {
			return fmt.Errorf("%s does not run", program)
		}
		time.Sleep(50 * time.Millisecond)
	}
	process, err := windows.OpenProcess(windows.SYNCHRONIZE|windows.PROCESS_QUERY_LIMITED_INFORMATION, false, pid)
	if err != nil {
		return err
	}
	waitUntilIdle(process) // it looks who shares its console: nobody yet
	freeConsole.Call()
	if ok, _, err := attachConsole.Call(uintptr(pid)); ok == 0 {
		return fmt.Errorf("AttachConsole: %w", err)
	}
	screen, err := open("CONOUT$")
	if err != nil {
		return err
	}
	var shown string
	for deadline := time.Now().Add(time.Minute); !strings.Contains(shown, text); {
		if time.Now().After(deadline) {
			return fmt.Errorf("the console shows %q", shown)
		}
		time.Sleep(50 * time.Millisecond)
		if shown, err = read(screen); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, shown)
	input, err := open("CONIN$")
	if err != nil {
		return err
	}
	for _, char := range keys + "\r" {
		for _, down := range []int32{1, 0} {
			event := keyEvent{kind: 1, down: down, repeat: 1, key: uint16(char), char: uint16(char)}
			var written uint32
			if ok, _, err := writeInput.Call(uintptr(input), uintptr(unsafe.Pointer(&event)), 1, uintptr(unsafe.Pointer(&written))); ok == 0 {
				return fmt.Errorf("WriteConsoleInput: %w", err)
			}
		}
	}
	if _, err := windows.WaitForSingleObject(process, windows.INFINITE); err != nil {
		return err
	}
	fmt.Fprintln(out, "ENDED")
	return nil
}

// waitUntilIdle waits until a process has used the processor, and uses no more.
func waitUntilIdle(process windows.Handle) {
	for before, equal := int64(0), 0; equal < 10; time.Sleep(100 * time.Millisecond) {
		var created, exited, kernel, user windows.Filetime
		if windows.GetProcessTimes(process, &created, &exited, &kernel, &user) != nil {
			return
		}
		used := kernel.Nanoseconds() + user.Nanoseconds()
		if used == before {
			equal++
		} else {
			before, equal = used, 0
		}
	}
}

// open opens a device of the console. os.OpenFile would ask for another kind of handle.
func open(name string) (windows.Handle, error) {
	device, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return 0, err
	}
	return windows.CreateFile(device, windows.GENERIC_READ|windows.GENERIC_WRITE, windows.FILE_SHARE_READ|windows.FILE_SHARE_WRITE, nil, windows.OPEN_EXISTING, 0, 0)
}

// find returns the id of a running program; 0 if it does not run.
func find(program string) uint32 {
	all, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return 0
	}
	defer windows.CloseHandle(all)
	entry := windows.ProcessEntry32{Size: uint32(unsafe.Sizeof(windows.ProcessEntry32{}))}
	for err = windows.Process32First(all, &entry); err == nil; err = windows.Process32Next(all, &entry) {
		if strings.EqualFold(windows.UTF16ToString(entry.ExeFile[:]), program) {
			return entry.ProcessID
		}
	}
	return 0
}

// read returns the text of a console.
func read(console windows.Handle) (string, error) {
	var info windows.ConsoleScreenBufferInfo
	if err := windows.GetConsoleScreenBufferInfo(console, &info); err != nil {
		return "", err
	}
	var lines []string
	for row := range int(info.Size.Y) {
		units := make([]uint16, info.Size.X)
		var n uint32
		readOutput.Call(uintptr(console), uintptr(unsafe.Pointer(&units[0])), uintptr(len(units)), uintptr(row)<<16, uintptr(unsafe.Pointer(&n)))
		if line := strings.TrimSpace(windows.UTF16ToString(units[:n])); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n"), nil
}
