package install

import (
	"bytes"
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
	return replace(temporary.Name(), s.path)
}

type removeFile struct{ fileAt }

func (removeFile) kind() kind   { return removes }
func (s removeFile) done() bool { return absent(s.path) }

func (s removeFile) do() error {
	return remove(s.path)
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
