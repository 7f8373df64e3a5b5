package install

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"
)

// replace renames a file to another one's name. A running program is locked, but may be renamed itself: it is set aside.
func replace(from, to string) error {
	aside, err := "", os.Rename(from, to)
	if isHeld(err) && isProgram(to) {
		if aside, err = setAside(to, filepath.Dir(to)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	} else if !isHeld(err) {
		return err
	}
	err = retried(func() error { return os.Rename(from, to) })
	if isHeld(err) { // not fs.ErrPermission: from was written to the same folder
		err = fmt.Errorf("%s is held by another program: %v", to, err)
	}
	if aside == "" {
		return err
	}
	if err != nil {
		_ = os.Rename(aside, to)
	} else {
		_ = os.Remove(aside) // it fails while the program runs
	}
	return err
}

// remove deletes a file. A running program is moved away, to another folder if that is possible: its own is to become empty.
func remove(path string) error {
	err := os.Remove(path)
	if isHeld(err) && !isProgram(path) {
		return retried(func() error { return os.Remove(path) })
	}
	if err == nil || !isHeld(err) {
		return err
	}
	if _, err = setAside(path, os.TempDir()); err != nil {
		_, err = setAside(path, filepath.Dir(path)) // the other folder is on another drive
	}
	return err
}

func isProgram(path string) bool { return filepath.Ext(path) == ".exe" }

// isHeld reports whether another program holds a file: Windows Defender and the indexer hold new ones for moments.
func isHeld(err error) bool {
	return errors.Is(err, windows.ERROR_ACCESS_DENIED) || errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}

// holdTime is how long a file that is held is tried again: the rule of Go's own tools (robustio).
const holdTime = 2 * time.Second

func retried(try func() error) (err error) {
	for start, pause := time.Now(), time.Millisecond; ; pause *= 2 {
		if err = try(); err == nil || !isHeld(err) || time.Since(start) > holdTime {
			return err
		}
		time.Sleep(min(pause, 100*time.Millisecond))
	}
}

// setAside gives a program the first free name of the pattern NAME.old-N in a folder.
func setAside(path, folder string) (aside string, err error) {
	for n := 1; n < 100; n++ {
		aside = filepath.Join(folder, fmt.Sprintf("%s.old-%d", filepath.Base(path), n))
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			return aside, retried(func() error { return os.Rename(path, aside) })
		}
	}
	return "", fs.ErrExist
}

// Sweep deletes the programs that were set aside and have ended since.
func Sweep() {
	folders := []string{os.TempDir()}
	if program, err := os.Executable(); err == nil {
		folders = append(folders, filepath.Dir(program))
	}
	for _, folder := range folders {
		old, _ := filepath.Glob(filepath.Join(folder, "etax-doctor.exe.old-*"))
		for _, path := range old {
			_ = os.Remove(path)
		}
	}
}
