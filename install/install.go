// Package install puts the program where it stays, registers it for the browsers, and takes all of it away again. It says
// what it will do before it does it, and what is already as it should be is left alone.
package install

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"etax-doctor/extension"
	"etax-doctor/manifests"
)

// Scope says for whom something is installed.
type Scope string

// The scopes: the person who runs it, which needs no rights, or everybody who uses this computer.
const (
	User   Scope = "user"
	System Scope = "system"
)

// Options says what to install and where.
type Options struct {
	// Program is the binary to install.
	Program string
	Scope   Scope
	// UserDataDir limits the registration to one browser profile root.
	UserDataDir string
	// Force replaces a registration under our name that names another program.
	Force bool
}

// Problem is why something cannot be installed, as a text of the catalogue: install_error_ and Key.
type Problem struct {
	Key   string
	Args  map[string]string
	Cause error
}

func (p Problem) Error() string {
	if p.Cause != nil {
		return p.Key + ": " + p.Cause.Error()
	}
	return p.Key
}

func (p Problem) Unwrap() error { return p.Cause }

func problem(key string, args map[string]string, cause error) error {
	return Problem{"install_error_" + key, args, cause}
}

// PlanInstall plans the copy of the program and of the unpacked extension, and the registrations.
func PlanInstall(m *Machine, o Options) (*Plan, error) {
	if m.ForAnother != "" && o.Scope != System {
		return nil, problem("sudo", map[string]string{"user": m.ForAnother}, nil)
	}
	program, err := os.ReadFile(o.Program)
	if err != nil {
		return nil, problem("program", nil, err)
	}
	to := m.places(o.Scope)
	registrations, err := m.registrations(o)
	if err != nil {
		return nil, err
	}
	manifest, err := json.MarshalIndent(manifests.ForHost(to.program), "", "  ")
	if err != nil {
		return nil, err
	}
	manifest = append(manifest, '\n')

	p := newPlan(m, o, to)
	before, err := readRecord(to.record)
	if err != nil {
		return nil, err
	}
	p.write(to.program, program, 0o755)
	kept := map[string]bool{}
	err = fs.WalkDir(extension.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := extension.Files.ReadFile(path)
		file := filepath.Join(to.extension, filepath.FromSlash(path))
		kept[file] = true
		p.write(file, data, 0o644)
		return err
	})
	if err != nil {
		return nil, err
	}
	p.removeOthers(to.extension, kept) // of an older version
	if to.manifest != "" {
		p.write(to.manifest, manifest, 0o644)
	}
	for _, r := range registrations {
		if err := p.register(r, to, manifest); err != nil {
			return nil, err
		}
	}
	record := p.record(before)
	p.steps = slices.Insert(p.steps, 0, step(record)) // first: what breaks off half-way can be taken away
	p.browsers = len(registrations)
	p.sandboxed = m.sandboxed()
	return p, nil
}

// register plans one registration. One under our name that is another program's is left alone, unless it is forced.
func (p *Plan) register(r registration, to places, manifest []byte) error {
	file := r.file
	if r.key != "" {
		value, ok, err := p.machine.Registry.Default(p.options.Scope, r.key)
		if err != nil {
			return problem("registry", map[string]string{"key": r.key}, err)
		}
		if ok {
			file = value
		}
	}
	if whose := foreign(file); whose != "" && !p.options.Force {
		place := r.file
		if r.key != "" {
			place = r.key
		}
		return problem("foreign", map[string]string{"place": place, "program": whose}, nil)
	}
	if r.key == "" {
		p.write(r.file, manifest, 0o644)
		return nil
	}
	missing, err := p.machine.Registry.Missing(p.options.Scope, r.key)
	if err != nil {
		return problem("registry", map[string]string{"key": r.key}, err)
	}
	p.steps = append(p.steps, setKey{p.machine.Registry, p.options.Scope, r.key, to.manifest})
	p.madeKeys = append(p.madeKeys, missing...)
	return nil
}

// foreign names the program of a manifest under our name that is not this product's, or "".
func foreign(manifest string) string {
	data, err := os.ReadFile(manifest)
	if err != nil {
		return ""
	}
	var m manifests.Host
	if json.Unmarshal(data, &m) != nil || m.Path == "" {
		return ""
	}
	// The manifest may have been written for another system than this one.
	name := m.Path[strings.LastIndexAny(m.Path, `/\`)+1:]
	if strings.TrimSuffix(strings.ToLower(name), ".exe") == "etax-doctor" {
		return ""
	}
	return m.Path
}

// PlanUninstall plans the removal of everything that PlanInstall has written, and of the log. With a UserDataDir it is
// only the registration there: other browsers may still use the program.
func PlanUninstall(m *Machine, o Options) (*Plan, error) {
	if m.ForAnother != "" && o.Scope != System {
		return nil, problem("sudo", map[string]string{"user": m.ForAnother}, nil)
	}
	from := m.places(o.Scope)
	registrations, err := m.registrations(o)
	if err != nil {
		return nil, err
	}
	p := newPlan(m, o, from)
	if o.UserDataDir != "" {
		return p, p.unregister(registrations)
	}
	record, err := readRecord(from.record)
	if err != nil && !errors.As(err, new(Problem)) {
		return nil, err
	}
	for _, file := range record.Files {
		if filepath.Base(file) == filepath.Base(manifestIn("")) {
			registrations = append(registrations, registration{file: file})
		}
	}
	for _, key := range record.Keys {
		if strings.HasSuffix(key, `\`+manifests.ForHost("").Name) {
			registrations = append(registrations, registration{key: key})
		}
	}
	if err := p.unregister(registrations); err != nil {
		return nil, err
	}
	// Of the keys above, those that were made here and are empty.
	for _, key := range slices.Backward(record.Keys) {
		p.steps = append(p.steps, removeKey{m.Registry, o.Scope, key})
	}
	p.steps = append(p.steps, removeFile{from.program})
	for _, folder := range append(slices.Clone(from.own), m.Logs) {
		if folder != "" {
			p.steps = append(p.steps, removeFolder{folder})
		}
	}
	for _, folder := range slices.Backward(record.Folders) {
		p.steps = append(p.steps, removeEmpty{folder})
	}
	return p, nil
}

// unregister plans the removal of registrations that are ours.
func (p *Plan) unregister(registrations []registration) error {
	for _, r := range registrations {
		if r.key == "" {
			if foreign(r.file) == "" {
				p.steps = append(p.steps, removeFile{r.file})
			}
			continue
		}
		value, ok, err := p.machine.Registry.Default(p.options.Scope, r.key)
		if err != nil {
			return problem("registry", map[string]string{"key": r.key}, err)
		}
		if ok && foreign(value) == "" {
			p.steps = append(p.steps, removeKey{p.machine.Registry, p.options.Scope, r.key})
		}
	}
	return nil
}
