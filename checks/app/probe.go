// Package app finds out whether the apps behind the bridge extensions are registered with the browsers and exist on the
// disk, and judges the result. It never starts them.
package app

import (
	"context"
	"path/filepath"

	"etax-doctor/checks/bridge"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform"
	"etax-doctor/manifests"
)

// Probe reads the registrations of every browser, because the browser in use may not be detected as installed, and
// looks for JPKI利用者ソフト.
func Probe(_ context.Context, m *platform.Computer) *facts.App {
	f := &facts.App{OS: m.OS, OwnFolder: m.UserDataDir != "" && m.OS != "windows"}
	for _, b := range manifests.Browsers() {
		if isInstalled(m, b) {
			f.Browsers = append(f.Browsers, b.ID)
		}
	}
	for _, browser := range manifests.Browsers() {
		for _, b := range bridge.All() {
			if r, found := bridge.LookUp(m, browser, b); found {
				f.Registrations = append(f.Registrations, r)
			}
			if !f.OwnFolder {
				continue
			}
			if r, found := bridge.LookUpIn(m.UserDataDir, m, browser, b); found {
				f.Registrations = append(f.Registrations, r)
			}
		}
	}
	if m.OS == "windows" {
		f.JPKI = jpkiClient(m)
	}
	return f
}

// appPaths is the registry key where Windows programs register their paths.
const appPaths = `SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\`

// isInstalled reports whether a browser is installed (Windows) or has been started by this person (elsewhere).
func isInstalled(m *platform.Computer, b manifests.Browser) bool {
	switch m.OS {
	case "windows":
		for _, root := range []platform.Root{platform.CurrentUser, platform.LocalMachine} {
			for _, view := range []platform.View{platform.View64, platform.View32} {
				if _, err := m.Registry.Text(root, view, appPaths+b.WindowsProgram, ""); b.WindowsProgram != "" && err == nil {
					return true
				}
			}
		}
		return false
	case "darwin":
		return anyFolder(m, filepath.Join(m.Home, "Library", "Application Support"), b.Darwin)
	}
	return anyFolder(m, m.Config, b.Linux)
}

func anyFolder(m *platform.Computer, root string, names []string) bool {
	for _, name := range names {
		if m.Files.IsFolder(filepath.Join(root, name)) {
			return true
		}
	}
	return false
}
