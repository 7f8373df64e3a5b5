package install

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// fileAt is the path of a file or folder.
type fileAt struct{ path string }

func (f fileAt) place() string { return f.path }

// writeFile writes a temporary file in the same folder and renames it, so that a failure leaves no half-written file.
type writeFile struct {
	fileAt
	data []byte
	mode fs.FileMode
}

func (writeFile) kind() kind { return adds }

func (s writeFile) done() bool {
	info, err := os.Lstat(s.path)
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm() != s.mode && runtime.GOOS != "windows" {
		return false
	}
	data, err := os.ReadFile(s.path)
	return err == nil && bytes.Equal(data, s.data)
}

func (s writeFile) do() (err error) {
	made := missingAbove(s.path)
	defer func() {
		if err != nil {
			for _, folder := range made { // deepest first; one that is in use stays
				os.Remove(folder)
			}
		}
	}()
	if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
		return err
	}
	for _, folder := range made { // whatever the umask is: all users must be able to read an installation for everybody
		if err := os.Chmod(folder, 0o755); err != nil {
			return err
		}
	}
	temporary, err := os.CreateTemp(filepath.Dir(s.path), ".etax-doctor-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			temporary.Close()
			os.Remove(temporary.Name())
		}
	}()
	if _, err = temporary.Write(s.data); err != nil {
		return err
	}
	if err = temporary.Chmod(s.mode); err != nil {
		return err
	}
	if err = temporary.Sync(); err != nil {
		return err
	}
	if err = temporary.Close(); err != nil {
		return err
	}
	err = os.Rename(temporary.Name(), s.path)
	if err != nil && runtime.GOOS == "windows" {
		// A running program is locked. It can only be moved to another folder, and is deleted after it has ended.
		var aside string
		if aside, err = setAside(s.path); err == nil {
			if err = os.Rename(temporary.Name(), s.path); err != nil {
				os.Rename(aside, s.path)
			}
		}
	}
	return err
}

type removeFile struct{ fileAt }

func (removeFile) kind() kind   { return removes }
func (s removeFile) done() bool { return absent(s.path) }

func (s removeFile) do() error {
	err := os.Remove(s.path)
	if err != nil && runtime.GOOS == "windows" && !errors.Is(err, fs.ErrNotExist) {
		_, err = setAside(s.path)
	}
	return err
}

// removeEmptyFolder removes a folder that was made for the installation, if it is empty.
type removeEmptyFolder struct{ fileAt }

func (removeEmptyFolder) kind() kind { return removes }

// place ends with a separator, because it is a folder.
func (s removeEmptyFolder) place() string { return s.path + string(filepath.Separator) }

func (s removeEmptyFolder) done() bool {
	entries, err := os.ReadDir(s.path)
	return err != nil || len(entries) > 0
}

func (s removeEmptyFolder) do() error { return os.Remove(s.path) }

// asidePattern is the name pattern of the folders for programs that were set aside.
const asidePattern = "etax-doctor-old-*"

// deleteSetAside deletes the programs that were set aside and have ended since.
func deleteSetAside() {
	folders, _ := filepath.Glob(filepath.Join(os.TempDir(), asidePattern))
	for _, folder := range folders {
		_ = os.Remove(filepath.Join(folder, "etax-doctor.exe"))
		_ = os.Remove(folder)
	}
}

// setAside moves a locked program into the system's temporary folder: Windows does not allow it to be deleted.
func setAside(path string) (aside string, err error) {
	folder, err := os.MkdirTemp("", asidePattern)
	if err != nil {
		return "", err
	}
	aside = filepath.Join(folder, filepath.Base(path))
	return aside, os.Rename(path, aside)
}
