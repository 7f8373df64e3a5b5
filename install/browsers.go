package install

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"etax-doctor/manifests"
)

// registration is a place where browsers look for the host: a manifest file, or a registry key that names one.
type registration struct {
	browsers []string // the names of the browsers that look there
	file     string
	key      string // below HKCU or HKLM
}

// registrations lists the places to register: on Windows and for all users, those of all browsers; else those of the
// browsers that this person has started.
func (t *Target) registrations(o Options) ([]registration, error) {
	if o.UserDataDir != "" {
		if t.OS == "windows" {
			return nil, problem("no_user_data_dir", nil, nil)
		}
		root, err := filepath.Abs(o.UserDataDir)
		return []registration{{file: manifestIn(root)}}, err
	}
	var all []registration
	add := func(name string, r registration) {
		i := slices.IndexFunc(all, func(x registration) bool { return x.file == r.file && x.key == r.key })
		if i < 0 {
			i = len(all)
			all = append(all, r)
		}
		all[i].browsers = append(all[i].browsers, name)
	}
	for _, b := range manifests.AllBrowsers() {
		roots, system := b.Linux, b.LinuxSystem
		if t.OS == "darwin" {
			roots, system = b.Darwin, []string{b.DarwinSystem}
		}
		switch {
		case t.OS == "windows":
			add(b.Name, registration{key: b.WindowsKeys[0] + `\` + manifests.ForHost("").Name})
		case o.Scope == System:
			for _, folder := range system {
				if folder != "" {
					add(b.Name, registration{file: filepath.Join(t.Root, folder, manifestName())})
				}
			}
		default:
			for _, name := range roots {
				root := filepath.Join(t.Config, name)
				if info, err := os.Stat(root); err == nil && info.IsDir() {
					add(b.Name, registration{file: manifestIn(root)})
				}
			}
		}
	}
	return all, nil
}

// sandboxed lists browsers that came as a snap or a Flatpak, which cannot start programs outside their sandbox.
func (t *Target) sandboxed() (names []string) {
	if t.OS != "linux" {
		return nil
	}
	for _, b := range manifests.AllBrowsers() {
		for _, folder := range b.LinuxSandboxed {
			if info, err := os.Stat(filepath.Join(t.Home, folder)); err == nil && info.IsDir() {
				kind := "snap"
				if strings.HasPrefix(folder, ".var/app/") {
					kind = "Flatpak"
				}
				names = append(names, b.Name+" ("+kind+")")
			}
		}
	}
	return names
}
