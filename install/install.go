// Package install puts the program where it stays, registers it for the browsers, and takes all of it away again. It says
// what it will do before it does it, and what is already as it should be is left alone.
package install

import (
	"bytes"
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
	if err := before.guard(to); err != nil {
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
	for _, file := range before.Files { // of an older version
		if inside(file, to.extension) && !kept[file] {
			p.steps = append(p.steps, removeFile{file})
		}
	}
	if to.manifest != "" {
		p.write(to.manifest, manifest, 0o644)
	}
	for _, r := range registrations {
		if err := p.register(r, to, manifest, before); err != nil {
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
func (p *Plan) register(r registration, to places, manifest []byte, before record) error {
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
	if whose := foreign(file, to, before); whose != "" && !p.options.Force {
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

// foreign names the program of a manifest under our name that is not this installation's, or the manifest itself where it
// cannot be read; "" where there is none, or where it is ours: written by us, or of a place of ours that is gone.
func foreign(manifest string, to places, known record) string {
	data, err := os.ReadFile(manifest)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotAFolder) {
		return ""
	}
	var m manifests.Host
	if err != nil || json.Unmarshal(data, &m) != nil || m.Path == "" {
		if slices.Contains(known.Files, manifest) {
			return ""
		}
		return manifest
	}
	program := m.Path
	if !filepath.IsAbs(program) && !strings.ContainsAny(program, `/\`) { // as Windows allows, and our installers do
		program = filepath.Join(filepath.Dir(manifest), program)
	}
	// The manifest may have been written for another system than this one.
	name := program[strings.LastIndexAny(program, `/\`)+1:]
	ours := strings.TrimSuffix(strings.ToLower(name), ".exe") == "etax-doctor"
	if ours && (program == to.program || absent(program)) {
		return ""
	}
	return program
}

// inside reports whether a file lies below a folder.
func inside(file, folder string) bool {
	return strings.HasPrefix(filepath.Clean(file), filepath.Clean(folder)+string(filepath.Separator))
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
	known, err := readRecord(from.record)
	if err != nil && !errors.As(err, new(Problem)) {
		return nil, err
	}
	if o.UserDataDir != "" {
		return p, p.unregister(registrations, from, known)
	}
	if len(known.Files) == 0 {
		known.Files = recognised(from, o.Program)
	}
	for _, file := range known.Files {
		if filepath.Base(file) == filepath.Base(manifestIn("")) {
			registrations = append(registrations, registration{file: file})
		}
	}
	if err := p.unregister(registrations, from, known); err != nil {
		return nil, err
	}
	// Of the keys above ours, those that were made here and are empty.
	for _, key := range slices.Backward(known.Keys) {
		if slices.ContainsFunc(registrations, func(r registration) bool { return strings.HasPrefix(r.key, key+`\`) }) && strings.Count(key, `\`) > 0 {
			p.steps = append(p.steps, removeKey{m.Registry, o.Scope, key})
		}
	}
	// Of the files, those in our own folders that were written here.
	for _, file := range known.Files {
		if inside(file, from.own) && file != from.record {
			p.steps = append(p.steps, removeFile{file})
		}
	}
	if slices.Contains(known.Files, from.program) {
		p.steps = append(p.steps, removeFile{from.program})
	}
	for _, name := range kept {
		if m.Logs != "" {
			p.steps = append(p.steps, removeFile{filepath.Join(m.Logs, name)})
		}
	}
	if len(known.Files) > 0 {
		p.steps = append(p.steps, removeFile{from.record})
	}
	for _, folder := range slices.Backward(append([]string{m.Logs, from.own}, p.folders(known)...)) {
		if folder != "" {
			p.steps = append(p.steps, removeEmpty{folder})
		}
	}
	return p, nil
}

// recognised are the files that can only be ours where there is no record of them: those that are just as this version
// would write them.
func recognised(at places, program string) (files []string) {
	same := func(path string, data []byte) {
		if there, err := os.ReadFile(path); err == nil && bytes.Equal(there, data) {
			files = append(files, path)
		}
	}
	_ = fs.WalkDir(extension.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			data, _ := extension.Files.ReadFile(path)
			same(filepath.Join(at.extension, filepath.FromSlash(path)), data)
		}
		return nil
	})
	if data, err := os.ReadFile(program); err == nil {
		same(at.program, data)
	}
	if at.manifest != "" && len(files) > 0 && foreign(at.manifest, at, record{}) == "" {
		files = append(files, at.manifest)
	}
	return files
}

// folders are those that were made for the installation, those above first.
func (p *Plan) folders(known record) []string {
	made := slices.Clone(known.Folders)
	for _, file := range known.Files { // an older record may not name them
		if inside(file, p.places.own) {
			for dir := filepath.Dir(file); inside(dir, p.places.own); dir = filepath.Dir(dir) {
				made = add(made, dir)
			}
		}
	}
	slices.Sort(made)
	return made
}

// unregister plans the removal of registrations that are ours.
func (p *Plan) unregister(registrations []registration, from places, known record) error {
	for _, r := range registrations {
		if r.key == "" {
			if foreign(r.file, from, known) == "" {
				p.steps = append(p.steps, removeFile{r.file})
			}
			continue
		}
		value, ok, err := p.machine.Registry.Default(p.options.Scope, r.key)
		if err != nil {
			return problem("registry", map[string]string{"key": r.key}, err)
		}
		if ok && (value == from.manifest || foreign(value, from, known) == "") {
			p.steps = append(p.steps, removeValue{removeKey{p.machine.Registry, p.options.Scope, r.key}})
		}
	}
	return nil
}
