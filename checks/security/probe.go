// Package security finds out which security software is on the computer. It reports only as a possibility that the
// software may keep the bridge's app from starting.
package security

import (
	"context"
	_ "embed"
	"slices"
	"strings"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/platform"
	"etax-doctor/checks/table"
)

// productsJSON is the table of products. It contains only identifiers that are known.
//
//go:embed products.json
var productsJSON []byte

type product struct {
	Name      string   `json:"name"`
	Kind      string   `json:"kind"`
	Services  []string `json:"services"`
	Processes []string `json:"processes"`
	// Installed are prefixes of the names under which Windows lists installed programs.
	Installed  []string `json:"installed"`
	Source     string   `json:"source"`
	Confidence string   `json:"confidence"`
}

var products = table.Once[[]product]("products.json", productsJSON)

// Running is what cannot be read from the registry.
type Running struct {
	Processes []string // names of programs, e.g. avp.exe
	// Registered are the names of the products in Windows' Security Center; Known is false if it gave no answer.
	Registered []string
	Known      bool
}

const (
	servicesKey  = `SYSTEM\CurrentControlSet\Services\`
	uninstallKey = `SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall`
)

// Probe looks for the products of the table. running may be nil: then nothing is known about running programs.
func Probe(_ context.Context, m *platform.Computer, running func() Running) *facts.Security {
	f := &facts.Security{OS: m.OS}
	if m.OS != "windows" {
		return f
	}
	var r Running
	if running != nil {
		r = running()
	}
	f.Registered, f.CenterUnknown = r.Registered, !r.Known
	installed := installedNames(m)
	for _, p := range products() {
		found := ""
		switch {
		case slices.ContainsFunc(p.Services, func(s string) bool {
			_, err := m.Registry.Values(platform.LocalMachine, platform.View64, servicesKey+s)
			return err == nil
		}):
			found = "service"
		case slices.ContainsFunc(p.Processes, func(name string) bool {
			return slices.ContainsFunc(r.Processes, func(running string) bool { return strings.EqualFold(running, name) })
		}):
			found = "process"
		case slices.ContainsFunc(p.Installed, func(prefix string) bool {
			return slices.ContainsFunc(installed, func(name string) bool { return strings.HasPrefix(strings.ToLower(name), strings.ToLower(prefix)) })
		}):
			found = "installed"
		default:
			continue
		}
		f.Products = append(f.Products, facts.SecurityProduct{Name: p.Name, Kind: p.Kind, Found: found})
	}
	return f
}

func installedNames(m *platform.Computer) (names []string) {
	for _, root := range []platform.Root{platform.LocalMachine, platform.CurrentUser} {
		for _, view := range []platform.View{platform.View64, platform.View32} {
			keys, err := m.Registry.Keys(root, view, uninstallKey)
			if err != nil {
				continue
			}
			for _, k := range keys {
				if name, err := m.Registry.Text(root, view, uninstallKey+`\`+k, "DisplayName"); err == nil {
					names = append(names, name)
				}
			}
		}
	}
	return names
}
