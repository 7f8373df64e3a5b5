package app

import (
	"errors"
	"strings"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform"
)

// The registry keys and names by which JPKI利用者ソフト is recognised (sources: public wrappers of it and the J-LIS
// specification that they quote; secondary).
const (
	jpkiKey       = `SOFTWARE\JPKI`
	jpkiValue     = "InstallPath"
	jpkiMenu      = "JPKIMenu.exe"
	providersKey  = `SOFTWARE\Microsoft\Cryptography\Defaults\Provider`
	providersName = "JPKI Crypto Service Provider"
)

// JPKIMenu returns the menu program of JPKI利用者ソフト, if it is there.
func JPKIMenu(m *platform.Computer) (path string, ok bool) {
	for _, view := range []platform.View{platform.View64, platform.View32} {
		if folder, err := m.Registry.Text(platform.LocalMachine, view, jpkiKey, jpkiValue); err == nil {
			path = strings.TrimRight(folder, `\`) + `\` + jpkiMenu
			if ok, _ = m.Files.IsFile(path); ok {
				return path, true
			}
		}
	}
	return "", false
}

// jpkiClient reads both registry views: the installer may be a 32-bit or a 64-bit program.
func jpkiClient(m *platform.Computer) *facts.JPKIClient {
	c := &facts.JPKIClient{}
	for _, view := range []platform.View{platform.View64, platform.View32} {
		folder, err := m.Registry.Text(platform.LocalMachine, view, jpkiKey, jpkiValue)
		c.Denied = c.Denied || errors.Is(err, platform.ErrDenied)
		if err != nil || c.Installed {
			continue
		}
		c.Installed = true
		folder = strings.TrimRight(folder, `\`)
		c.Folder = m.Files.IsFolder(folder)
	}
	_, c.Menu = JPKIMenu(m)
	for _, view := range []platform.View{platform.View64, platform.View32} {
		names, err := m.Registry.Keys(platform.LocalMachine, view, providersKey)
		if err != nil {
			continue
		}
		n := 0
		for _, name := range names {
			if strings.HasPrefix(name, providersName) {
				n++
			}
		}
		c.Providers = max(c.Providers, n)
	}
	return c
}
