//go:build windows

// Command holder opens a file as Windows Defender does, so that nobody can replace it, until another file is there.
//
//	holder.exe FILE trying      until an installer has put its temporary file beside it
//	holder.exe FILE RELEASE     until the file RELEASE is there
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"
)

func main() {
	path, err := windows.UTF16PtrFromString(os.Args[1])
	var file windows.Handle
	if err == nil {
		file, err = windows.CreateFile(path, windows.GENERIC_READ, windows.FILE_SHARE_READ, nil, windows.OPEN_EXISTING, 0, 0)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	release := os.Args[2]
	if release == "trying" {
		release = filepath.Join(filepath.Dir(os.Args[1]), ".etax-doctor-*")
	}
	fmt.Println("held")
	for there := []string{}; len(there) == 0; there, _ = filepath.Glob(release) {
		time.Sleep(10 * time.Millisecond)
	}
	if os.Args[2] == "trying" {
		time.Sleep(50 * time.Millisecond) // so that its first try meets the held file
	}
	windows.CloseHandle(file) // the end of a program takes longer
}
