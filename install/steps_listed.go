package install

import (
	"maps"
	"path/filepath"
)

// uninstallKey is where Windows looks for the list of installed apps.
const uninstallKey = `SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\etax-doctor`

// listed puts this product into Windows' list of installed apps, where people look for its removal.
type listed struct {
	registryKey
	values map[string]any // strings and uint32
}

func (listed) kind() kind { return adds }

func (s listed) done() bool {
	values, err := s.registry.Values(s.scope, s.key)
	return err == nil && maps.Equal(values, s.values)
}

func (s listed) do() error { return s.registry.SetValues(s.scope, s.key, s.values) }

// unlisted removes it from there. The key is ours alone.
type unlisted struct{ registryKey }

func (unlisted) kind() kind { return removes }

func (s unlisted) done() bool {
	missing, err := s.registry.Missing(s.scope, s.key)
	return err == nil && len(missing) > 0
}

func (s unlisted) do() error { return s.registry.DeleteKey(s.scope, s.key) }

// list plans the entry in the list of installed apps. size is that of the program and the extension, in bytes.
func (p *Plan) list(size int) error {
	if p.target.Registry == nil || p.options.UserDataDir != "" {
		return nil
	}
	missing, err := p.target.Registry.Missing(p.options.Scope, uninstallKey)
	if err != nil {
		return problem("registry", map[string]string{"key": uninstallKey}, err)
	}
	for _, key := range missing {
		if key != uninstallKey {
			p.madeKeys = append(p.madeKeys, key)
		}
	}
	uninstall := `"` + p.places.program + `" uninstall --scope ` + string(p.options.Scope)
	p.steps = append(p.steps, listed{registryKey{p.target.Registry, p.options.Scope, uninstallKey}, map[string]any{
		"DisplayName":          "e-Taxログイン診断 (etax-doctor)",
		"DisplayVersion":       p.target.Version,
		"DisplayIcon":          p.places.program,
		"InstallLocation":      filepath.Dir(p.places.program),
		"UninstallString":      uninstall + " --wait",
		"QuietUninstallString": uninstall,
		"EstimatedSize":        uint32(size / 1024),
		"NoModify":             uint32(1),
		"NoRepair":             uint32(1),
	}})
	return nil
}

func (p *Plan) unlist() {
	if p.target.Registry != nil {
		p.steps = append(p.steps, unlisted{registryKey{p.target.Registry, p.options.Scope, uninstallKey}})
	}
}
