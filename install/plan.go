package install

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Plan is a list of steps, each of which may be repeated without harm.
type Plan struct {
	machine  *Machine
	options  Options
	places   places
	steps    []step
	madeKeys []string

	browsers  int
	sandboxed []string
}

// step is one change of the computer.
type step interface {
	// done reports whether there is nothing to do.
	done() bool
	// name is what is changed, with + or - before it.
	name() string
	do() error
}

func newPlan(m *Machine, o Options, at places) *Plan {
	return &Plan{machine: m, options: o, places: at}
}

func (p *Plan) write(path string, data []byte, mode fs.FileMode) {
	p.steps = append(p.steps, writeFile{path, data, mode})
}

// Text returns a text of the catalogue.
type Text func(key string, args map[string]string) string

// Describe says what Apply will do. The extension's many files, and what is ours alone, are named as one folder.
func (p *Plan) Describe(w io.Writer, text Text) {
	said := map[string]bool{}
	for _, s := range p.steps {
		if s.done() {
			continue
		}
		name := s.name()
		if place := p.places.extension + string(filepath.Separator); strings.HasPrefix(name[2:], place) {
			name = name[:2] + place
		}
		if !said[name] {
			fmt.Fprintln(w, "  "+name)
		}
		said[name] = true
	}
	if len(said) == 0 {
		fmt.Fprintln(w, "  "+text("install_nothing", nil))
	}
}

// Apply carries the plan out. An installation stops at the first thing that goes wrong; a removal goes on, and keeps its
// record, so that it can be done again.
func (p *Plan) Apply() error {
	sweep()
	var first error
	for _, s := range p.steps {
		if s.done() || first != nil && s.name() == (removeFile{p.places.record}).name() {
			continue
		}
		if err := s.do(); err != nil {
			first = cmp.Or(first, whatIsWrong(s.name()[2:], err))
			if strings.HasPrefix(s.name(), "+") {
				return first
			}
		}
	}
	return first
}

// whatIsWrong says what an error of the system means to a person.
func whatIsWrong(place string, err error) error {
	args := map[string]string{"place": place}
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return problem("denied", args, err)
	case errors.Is(err, syscall.ENOSPC), isDiskFull(err):
		return problem("full", args, err)
	}
	return problem("failed", args, err)
}

// errNotAFolder is a file where a folder must be.
const errNotAFolder = syscall.ENOTDIR

// Advice is what the person does next.
func (p *Plan) Advice(w io.Writer, text Text) {
	if p.browsers == 0 && p.options.UserDataDir == "" {
		fmt.Fprintln(w, text("install_no_browser", nil)+"\n")
	}
	for _, name := range p.sandboxed {
		fmt.Fprintln(w, text("install_sandboxed", map[string]string{"browser": name})+"\n")
	}
	fmt.Fprintln(w, text("install_advice", map[string]string{"extension": p.places.extension, "program": p.places.program}))
}

// removeEmpty removes a folder that was made for the installation, if nothing of others is in it.
type removeEmpty struct{ path string }

func (s removeEmpty) name() string { return "- " + s.path + string(filepath.Separator) }

func (s removeEmpty) done() bool {
	entries, err := os.ReadDir(s.path)
	return err != nil || len(entries) > 0
}

func (s removeEmpty) do() error { return os.Remove(s.path) }

type setKey struct {
	registry   Registry
	scope      Scope
	key, value string
}

func (s setKey) name() string { return "+ " + hive(s.scope) + s.key }

func (s setKey) done() bool {
	value, ok, err := s.registry.Default(s.scope, s.key)
	return err == nil && ok && value == s.value
}

func (s setKey) do() error { return s.registry.SetDefault(s.scope, s.key, s.value) }

type removeKey struct {
	registry Registry
	scope    Scope
	key      string
}

func (s removeKey) name() string { return "- " + hive(s.scope) + s.key }

func (s removeKey) done() bool {
	missing, err := s.registry.Missing(s.scope, s.key)
	return err == nil && len(missing) > 0
}

func (s removeKey) do() error { return s.registry.Delete(s.scope, s.key) }

// removeValue removes our registration from its key, and the key with it if nothing else is in it.
type removeValue struct{ removeKey }

func (s removeValue) done() bool {
	_, ok, err := s.registry.Default(s.scope, s.key)
	return err == nil && !ok
}

func (s removeValue) do() error {
	if err := s.registry.DeleteDefault(s.scope, s.key); err != nil {
		return err
	}
	return s.removeKey.do()
}

func hive(scope Scope) string {
	if scope == System {
		return `HKLM\`
	}
	return `HKCU\`
}

func absent(path string) bool {
	_, err := os.Lstat(path)
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotAFolder)
}
