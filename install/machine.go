package install

import (
	"os"
	"path/filepath"
	"runtime"

	"etax-doctor/host/hostlog"
)

// Machine is the computer that is installed on: its system, and the folders that belong to the person who runs it.
type Machine struct {
	OS   string // Go's name
	Home string
	// Config and Data are the person's folders for settings and for programs' files: on Linux those of XDG, on macOS both
	// are ~/Library/Application Support, on Windows both are %LOCALAPPDATA%.
	Config, Data string
	// Logs is the folder of the host's log.
	Logs string
	// Shared is the folder of programs for all users: /usr/local, /Library/Application Support, %ProgramFiles%.
	Shared string
	// Root is put before the system's folders of browsers; "" but in tests.
	Root string
	// Registry is nil but on Windows.
	Registry Registry
	// ForAnother names the person for whom somebody else runs this, with sudo; "" where nobody does.
	ForAnother string
}

// This is the computer that the program runs on.
func This() (*Machine, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, problem("no_home", nil, err)
	}
	m := &Machine{OS: runtime.GOOS, Home: home, Registry: osRegistry()}
	if log := hostlog.Path(); log != "" {
		m.Logs = filepath.Dir(log)
	}
	switch m.OS {
	case "windows":
		m.Data = environment("LOCALAPPDATA", filepath.Join(home, "AppData", "Local"))
		m.Config = m.Data
		m.Shared, err = programFiles()
		if err != nil {
			return nil, problem("no_home", nil, err)
		}
	case "darwin":
		m.Data = filepath.Join(home, "Library", "Application Support")
		m.Config = m.Data
		m.Shared = "/Library/Application Support"
	default:
		m.Data = environment("XDG_DATA_HOME", filepath.Join(home, ".local", "share"))
		m.Config = environment("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
		m.Shared = "/usr/local"
		if os.Getuid() == 0 {
			m.ForAnother = os.Getenv("SUDO_USER")
		}
	}
	return m, nil
}

func environment(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}
