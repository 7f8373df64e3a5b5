package install

import (
	"path/filepath"

	"etax-doctor/manifests"
)

// places are where an installation lies.
type places struct {
	program   string
	extension string // the folder of the unpacked extension
	manifest  string // of Windows, where the registry names it; "" where each browser has its own copy
	record    string
	// own is the folder that is this product's alone.
	own string
}

func (m *Machine) places(scope Scope) places {
	switch {
	case m.OS == "windows":
		dir := filepath.Join(m.Data, "Programs", "etax-doctor")
		if scope == System {
			dir = filepath.Join(m.Shared, "etax-doctor")
		}
		return places{filepath.Join(dir, "etax-doctor.exe"), filepath.Join(dir, "extension"),
			filepath.Join(dir, manifests.ForHost("").Name+".json"), filepath.Join(dir, "installed.json"), dir}
	case m.OS == "darwin":
		dir := filepath.Join(m.Data, "etax-doctor")
		if scope == System {
			dir = filepath.Join(m.Root, m.Shared, "etax-doctor")
		}
		return places{filepath.Join(dir, "etax-doctor"), filepath.Join(dir, "extension"), "", filepath.Join(dir, "installed.json"), dir}
	case scope == System:
		shared := filepath.Join(m.Root, m.Shared)
		dir := filepath.Join(shared, "share", "etax-doctor")
		return places{filepath.Join(shared, "bin", "etax-doctor"), filepath.Join(dir, "extension"), "", filepath.Join(dir, "installed.json"), dir}
	}
	dir := filepath.Join(m.Data, "etax-doctor")
	return places{filepath.Join(m.Home, ".local", "bin", "etax-doctor"), filepath.Join(dir, "extension"), "", filepath.Join(dir, "installed.json"), dir}
}
