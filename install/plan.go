package install

import (
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

// removeOthers plans the removal of the files in a folder of ours that are not kept.
func (p *Plan) removeOthers(folder string, kept map[string]bool) {
	_ = filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !kept[path] {
			p.steps = append(p.steps, removeFile{path})
		}
		return nil
	})
}

// Text returns a text of the catalogue.
type Text func(key string, args map[string]string) string

// Describe says what Apply will do. The extension's many files, and what is ours alone, are named as one folder.
func (p *Plan) Describe(w io.Writer, text Text) {
	folder := false
	changes := 0
	for _, s := range p.steps {
		if s.done() {
			continue
		}
		changes++
		name := s.name()
		if strings.HasPrefix(name[2:], p.places.extension+string(filepath.Separator)) {
			if !folder {
				fmt.Fprintln(w, "  + "+p.places.extension+string(filepath.Separator))
			}
			folder = true
			continue
		}
		fmt.Fprintln(w, "  "+name)
	}
	if changes == 0 {
		fmt.Fprintln(w, "  "+text("install_nothing", nil))
	}
}

// Apply carries the plan out.
func (p *Plan) Apply() error {
	for _, s := range p.steps {
		if s.done() {
			continue
		}
		if err := s.do(); err != nil {
			return whatIsWrong(s.name()[2:], err)
		}
	}
	return nil
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

type removeFolder struct{ path string }

func (s removeFolder) name() string { return "- " + s.path + string(filepath.Separator) }
func (s removeFolder) done() bool   { return absent(s.path) }
func (s removeFolder) do() error    { return os.RemoveAll(s.path) }

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
