package platform

import (
	"io"
	"os"
	"path/filepath"
	"runtime"
)

// This is the computer that the program runs on.
func This() *Computer {
	m := &Computer{OS: runtime.GOOS, Files: osFiles{}, Registry: osRegistry()}
	m.Home, _ = os.UserHomeDir()
	m.UserDataDir = userDataDir(parentArguments())
	if runtime.GOOS == "linux" {
		m.Config = os.Getenv("XDG_CONFIG_HOME")
		if m.Config == "" && m.Home != "" {
			m.Config = filepath.Join(m.Home, ".config")
		}
	}
	return m
}

type osFiles struct{}

func (osFiles) Read(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path) // before Open, because opening a pipe would block
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, ErrNotAFile
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = ErrTooLarge
	}
	return data, err
}

func (osFiles) List(path string) ([]string, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}

func (osFiles) IsFile(path string) (bool, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil:
		return info.Mode().IsRegular(), nil
	case os.IsNotExist(err):
		return false, nil
	}
	return false, err
}

func (osFiles) IsFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
