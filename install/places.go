package install

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"etax-doctor/manifests"
)

// Target is the computer on which to install: its system, and the folders of the person who runs this.
type Target struct {
	OS   string // as GOOS
	Home string
	// Config and Data are the person's folders for settings and for programs' files: on Linux those of XDG, on macOS both
	// are ~/Library/Application Support, on Windows both are %LOCALAPPDATA%.
	Config, Data string
	// Logs is the folder of the host's log; "" where there is none.
	Logs string
	// Shared is the folder of programs for all users: /usr/local, /Library/Application Support, %ProgramFiles%.
	Shared string
	// Root is put before the paths of system folders; "" except in tests.
	Root string
	// Registry is nil except on Windows.
	Registry Registry
	// SudoUser is the name of the user who runs this as root with sudo; "" without sudo.
	SudoUser string
	// Version is the version of the program to install.
	Version string
}

// This is the computer that the program runs on. log is the path of the host's log; it may be "".
func This(version, log string) (*Target, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return nil, problem("no_home", nil, err)
	}
	t := &Target{OS: runtime.GOOS, Home: home, Registry: osRegistry(), Version: version}
	if log != "" {
		t.Logs = filepath.Dir(log)
	}
	switch t.OS {
	case "windows":
		t.Data = environment("LOCALAPPDATA", filepath.Join(home, "AppData", "Local"))
		t.Config = t.Data
		t.Shared, err = programFiles()
		if err != nil {
			return nil, problem("no_home", nil, err)
		}
	case "darwin":
		t.Data = filepath.Join(home, "Library", "Application Support")
		t.Config = t.Data
		t.Shared = "/Library/Application Support"
	default:
		t.Data = environment("XDG_DATA_HOME", filepath.Join(home, ".local", "share"))
		t.Config = environment("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
		t.Shared = "/usr/local"
		if os.Getuid() == 0 {
			t.SudoUser = os.Getenv("SUDO_USER")
		}
	}
	return t, nil
}

func environment(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

// places are the paths of an installation.
type places struct {
	program   string
	extension string // the folder of the unpacked extension
	manifest  string // on Windows, where the registry names it; "" if each browser has its own copy
	record    string
	guide     string // the page with the first steps
	// own is the folder that belongs to this product only.
	own string
}

func (t *Target) places(scope Scope) places {
	name, manifest := "etax-doctor", ""
	own := filepath.Join(t.Data, "etax-doctor")
	program := filepath.Join(t.Home, ".local", "bin")
	switch {
	case t.OS == "windows":
		own = filepath.Join(t.Data, "Programs", "etax-doctor")
		if scope == System {
			own = filepath.Join(t.Shared, "etax-doctor")
		}
		name, program, manifest = "etax-doctor.exe", own, filepath.Join(own, manifestName())
	case t.OS == "darwin":
		if scope == System {
			own = filepath.Join(t.Root, t.Shared, "etax-doctor")
		}
		program = own
	case scope == System:
		own = filepath.Join(t.Root, t.Shared, "share", "etax-doctor")
		program = filepath.Join(t.Root, t.Shared, "bin")
	}
	return places{filepath.Join(program, name), filepath.Join(own, "extension"), manifest, filepath.Join(own, "installed.json"), filepath.Join(own, "welcome.html"), own}
}

// Guide is the page with the first steps that was installed for this person, for everybody, or by Debian's package; "" if there is
// none.
func (t *Target) Guide() string {
	for _, page := range []string{t.places(User).guide, t.places(System).guide, filepath.Join(t.Root, "/usr/share/etax-doctor/welcome.html")} {
		if !absent(page) {
			return page
		}
	}
	return ""
}

func manifestName() string { return manifests.ForHost("").Name + ".json" }

func manifestIn(root string) string {
	return filepath.Join(root, "NativeMessagingHosts", manifestName())
}

// stateFiles are the files that the program itself keeps in the folder of its log: the log and its lock, what it knows about
// readers, and the lock for reading a card.
var stateFiles = []string{"host.log", "host.log.1", "host.log.lock", "readers.json", "reading.lock"}

// isLeftover reports whether a file is one that the program may have left in its folder: one that it keeps, or a
// temporary file of an interrupted installation.
func isLeftover(name string) bool {
	return slices.Contains(stateFiles, name) || strings.HasPrefix(name, ".etax-doctor-")
}
