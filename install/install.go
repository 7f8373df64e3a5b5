// Package install copies the program to its final place, registers it with the browsers, and removes all of it again. It
// says what it will do before it does it, and does not change what is already right.
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
	// Guide makes the page with the first steps; it gets the folder of the unpacked extension. Without it there is no page.
	Guide func(extension string) ([]byte, error)
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
func PlanInstall(t *Target, o Options) (*Plan, error) {
	if t.SudoUser != "" && o.Scope != System {
		return nil, problem("sudo", map[string]string{"user": t.SudoUser}, nil)
	}
	if err := t.refuseOverInstaller(o.Scope); err != nil {
		return nil, err
	}
	program, err := os.ReadFile(o.Program)
	if err != nil {
		return nil, problem("program", nil, err)
	}
	to := t.places(o.Scope)
	registrations, err := t.registrations(o)
	if err != nil {
		return nil, err
	}
	manifest, err := json.MarshalIndent(manifests.ForHost(to.program), "", "  ")
	if err != nil {
		return nil, err
	}
	manifest = append(manifest, '\n')

	p := newPlan(t, o, to)
	before, err := readRecord(to.record)
	if err != nil {
		return nil, err
	}
	is := owner{to, before}
	if err := is.checkPlaces(); err != nil {
		return nil, err
	}
	p.write(to.program, program, 0o755)
	kept, size := map[string]bool{}, len(program)
	err = fs.WalkDir(extension.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := extension.Files.ReadFile(path)
		file := filepath.Join(to.extension, filepath.FromSlash(path))
		kept[file] = true
		size += len(data)
		p.write(file, data, 0o644)
		return err
	})
	if err != nil {
		return nil, err
	}
	if o.Guide != nil {
		page, err := o.Guide(to.extension)
		if err != nil {
			return nil, err
		}
		size += len(page)
		p.write(to.guide, page, 0o644)
	}
	for _, file := range before.Files { // of an older version
		if inside(file, to.extension) && !kept[file] {
			p.steps = append(p.steps, removeFile{fileAt{file}})
		}
	}
	if to.manifest != "" {
		p.write(to.manifest, manifest, 0o644)
	}
	for _, r := range registrations {
		if err := p.register(r, manifest, is); err != nil {
			return nil, err
		}
	}
	if err := p.list(size); err != nil {
		return nil, err
	}
	record := p.recordStep(before)
	p.steps = slices.Insert(p.steps, 0, step(record)) // first, so that an installation that is interrupted can be removed
	p.browsers = len(registrations)
	p.sandboxed = t.sandboxed()
	return p, nil
}

// installerKey is where the Windows installers (MSI) note that they have installed the program; see install/package.
const installerKey = `SOFTWARE\etax-doctor\Installer`

// refuseOverInstaller: Windows Installer owns the files that it has installed.
func (t *Target) refuseOverInstaller(scope Scope) error {
	if t.Registry == nil {
		return nil
	}
	values, err := t.Registry.Values(scope, installerKey)
	if err != nil {
		return problem("registry", map[string]string{"key": installerKey}, err)
	}
	if len(values) > 0 {
		return problem("msi", nil, nil)
	}
	return nil
}

// register plans one registration. It is an error if another program is registered under our name, unless Force is set.
func (p *Plan) register(r registration, manifest []byte, is owner) error {
	file := r.file
	if r.key != "" {
		value, ok, err := p.target.Registry.Default(p.options.Scope, r.key)
		if err != nil {
			return problem("registry", map[string]string{"key": r.key}, err)
		}
		if ok {
			file = value
		}
	}
	if other := is.otherOwner(claim{path: file, manifest: true}); other != "" && !p.options.Force {
		place := r.file
		if r.key != "" {
			place = r.key
		}
		return problem("foreign", map[string]string{"place": place, "program": other}, nil)
	}
	if r.key == "" {
		p.write(r.file, manifest, 0o644)
		return nil
	}
	missing, err := p.target.Registry.Missing(p.options.Scope, r.key)
	if err != nil {
		return problem("registry", map[string]string{"key": r.key}, err)
	}
	p.steps = append(p.steps, setKey{registryKey{p.target.Registry, p.options.Scope, r.key}, is.at.manifest})
	p.madeKeys = append(p.madeKeys, missing...)
	return nil
}

// PlanUninstall plans the removal of everything that PlanInstall has written, and of the log. With a UserDataDir it is
// only the registration there: other browsers may still use the program.
func PlanUninstall(t *Target, o Options) (*Plan, error) {
	if t.SudoUser != "" && o.Scope != System {
		return nil, problem("sudo", map[string]string{"user": t.SudoUser}, nil)
	}
	if err := t.refuseOverInstaller(o.Scope); err != nil {
		return nil, err
	}
	from := t.places(o.Scope)
	registrations, err := t.registrations(o)
	if err != nil {
		return nil, err
	}
	p := newPlan(t, o, from)
	known, err := readRecord(from.record)
	if err != nil && !errors.As(err, new(Problem)) {
		return nil, err
	}
	if o.UserDataDir != "" {
		return p, p.unregister(registrations, owner{from, known})
	}
	if len(known.Files) == 0 {
		known.Files = recognisedFiles(from, o.Program)
	}
	is := owner{from, known}
	for _, file := range known.Files {
		if filepath.Base(file) == manifestName() {
			registrations = append(registrations, registration{file: file})
		}
	}
	if err := p.unregister(registrations, is); err != nil {
		return nil, err
	}
	// Of the files, remove those in our own folders that the installation wrote.
	for _, file := range known.Files {
		if inside(file, from.own) && file != from.record {
			p.steps = append(p.steps, removeFile{fileAt{file}})
		}
	}
	if slices.Contains(known.Files, from.program) {
		p.steps = append(p.steps, removeFile{fileAt{from.program}})
	}
	for _, name := range stateFiles {
		if t.Logs != "" {
			p.steps = append(p.steps, removeFile{fileAt{filepath.Join(t.Logs, name)}})
		}
	}
	p.unlist() // after the files: if one cannot be removed, the person finds the removal there again
	// Of the keys above ours, remove those that the installation made and that are empty.
	for _, key := range slices.Backward(known.Keys) {
		above := func(r registration) bool { return strings.HasPrefix(r.key, key+`\`) }
		if (slices.ContainsFunc(registrations, above) || strings.HasPrefix(uninstallKey, key+`\`)) && strings.Count(key, `\`) > 0 {
			p.steps = append(p.steps, removeKey{registryKey{t.Registry, o.Scope, key}})
		}
	}
	if len(known.Files) > 0 {
		p.steps = append(p.steps, removeFile{fileAt{from.record}})
	}
	for _, folder := range slices.Backward(append([]string{t.Logs, from.own}, p.folders(known)...)) {
		if folder != "" {
			p.steps = append(p.steps, removeEmptyFolder{fileAt{folder}})
		}
	}
	return p, nil
}

// recognisedFiles returns the files that can only be ours although there is no record: those with exactly the content that
// this version would write.
func recognisedFiles(at places, program string) (files []string) {
	is := owner{at: at}
	take := func(c claim) {
		if !absent(c.path) && is.otherOwner(c) == "" {
			files = append(files, c.path)
		}
	}
	_ = fs.WalkDir(extension.Files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			data, _ := extension.Files.ReadFile(path)
			take(claim{path: filepath.Join(at.extension, filepath.FromSlash(path)), content: data})
		}
		return nil
	})
	if data, err := os.ReadFile(program); err == nil {
		take(claim{path: at.program, content: data})
	}
	if len(files) > 0 {
		if at.manifest != "" {
			take(claim{path: at.manifest, manifest: true})
		}
		if !absent(at.guide) { // its content depends on the language
			files = append(files, at.guide)
		}
	}
	return files
}

// folders returns the folders that were made for the installation, parents first.
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
func (p *Plan) unregister(registrations []registration, is owner) error {
	for _, r := range registrations {
		if r.key == "" {
			if is.otherOwner(claim{path: r.file, manifest: true}) == "" {
				p.steps = append(p.steps, removeFile{fileAt{r.file}})
			}
			continue
		}
		value, ok, err := p.target.Registry.Default(p.options.Scope, r.key)
		if err != nil {
			return problem("registry", map[string]string{"key": r.key}, err)
		}
		if ok && (value == is.at.manifest || is.otherOwner(claim{path: value, manifest: true}) == "") {
			p.steps = append(p.steps, removeValue{registryKey{p.target.Registry, p.options.Scope, r.key}})
		}
	}
	return nil
}
