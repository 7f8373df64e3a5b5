package install

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"syscall"
)

// Plan is a list of steps, each of which may be repeated without harm.
type Plan struct {
	target   *Target
	options  Options
	places   places
	steps    []step
	madeKeys []string

	browsers  int
	sandboxed []string
}

// step is one change of the computer.
type step interface {
	kind() kind
	// place is the path of a file or folder, or a registry key with its root.
	place() string
	// done reports whether there is nothing to do.
	done() bool
	do() error
}

// kind says whether a step adds or removes its place. It is the sign that is shown before the place.
type kind string

const (
	adds    kind = "+"
	removes kind = "-"
)

func newPlan(t *Target, o Options, at places) *Plan {
	return &Plan{target: t, options: o, places: at}
}

func (p *Plan) write(path string, data []byte, mode fs.FileMode) {
	p.steps = append(p.steps, writeFile{fileAt{path}, data, mode})
}

// Text returns a text of the catalogue.
type Text func(key string, args map[string]string) string

// Describe prints what Apply will do. The extension's many files are shown as one folder.
func (p *Plan) Describe(w io.Writer, text Text) {
	described := map[string]bool{}
	for _, s := range p.steps {
		if s.done() {
			continue
		}
		place := s.place()
		if inside(place, p.places.extension) {
			place = p.places.extension + string(filepath.Separator)
		}
		line := fmt.Sprintf("  %s %s", s.kind(), place)
		if !described[line] {
			fmt.Fprintln(w, line)
		}
		described[line] = true
	}
	if len(described) == 0 {
		fmt.Fprintln(w, "  "+text("install_nothing", nil))
	}
}

// Apply carries out the plan. An installation stops at the first error. A removal goes on after an error and then keeps
// its record, so that it can be repeated.
func (p *Plan) Apply() error {
	Sweep()
	var first error
	for _, s := range p.steps {
		_, isEntry := s.(unlisted)
		if s.done() || first != nil && s.kind() == removes && (isEntry || s.place() == p.places.record) {
			continue
		}
		if err := s.do(); err != nil {
			first = cmp.Or(first, problemOf(s.place(), err))
			if s.kind() == adds {
				return first
			}
		}
	}
	return first
}

// problemOf turns an error of the system into a problem with a text for the person.
func problemOf(place string, err error) error {
	args := map[string]string{"place": place}
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return problem("denied", args, err)
	case errors.Is(err, syscall.ENOSPC), isDiskFull(err):
		return problem("full", args, err)
	}
	return problem("failed", args, err)
}

// errNotAFolder is the error for a file where a folder must be.
const errNotAFolder = syscall.ENOTDIR

// Advice prints what the person has to do next.
func (p *Plan) Advice(w io.Writer, text Text) {
	if p.browsers == 0 && p.options.UserDataDir == "" {
		fmt.Fprintln(w, text("install_no_browser", nil)+"\n")
	}
	for _, name := range p.sandboxed {
		fmt.Fprintln(w, text("install_sandboxed", map[string]string{"browser": name})+"\n")
	}
	fmt.Fprintln(w, text("install_advice", map[string]string{"extension": p.places.extension, "guide": p.places.guide, "program": p.places.program}))
}
