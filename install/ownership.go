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

	"etax-doctor/manifests"
)

// owner decides whose a file is: this installation's, or another one's.
type owner struct {
	at    places
	known record // what the installation that is there has written
}

// claim is a path that is about to be written or removed.
type claim struct {
	path string
	// manifest says that the file is a manifest under our name: its content decides, wherever it lies.
	manifest bool
	// content is what this version would write there; nil where that does not prove anything.
	content []byte
}

// other names whose the path is: the program that a manifest leads to, or the path itself where it is not known to be ours; ""
// where it is ours, and where nothing is there.
func (o owner) other(c claim) string {
	info, err := os.Lstat(c.path)
	switch {
	case c.manifest:
		return o.otherProgram(c.path)
	case missing(err):
		return ""
	case err == nil && info.IsDir():
		// A folder of ours: of what lies in it, something was written here, or all of it was left by the program itself.
		entries, err := os.ReadDir(c.path)
		foreign := slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return !isLeftover(e.Name()) })
		written := slices.ContainsFunc(o.known.Files, func(file string) bool { return inside(file, c.path) })
		if written || err == nil && !foreign {
			return ""
		}
	case slices.Contains(o.known.Files, c.path), c.content != nil && holds(c.path, c.content):
		return ""
	}
	return c.path
}

// otherProgram reads a manifest under our name. One that names a program of ours that is gone is ours too; one that cannot
// be read is ours where it was written here.
func (o owner) otherProgram(manifest string) string {
	data, err := os.ReadFile(manifest)
	if missing(err) {
		return ""
	}
	var m manifests.Host
	if err != nil || json.Unmarshal(data, &m) != nil || m.Path == "" {
		if slices.Contains(o.known.Files, manifest) {
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
	if ours && (program == o.at.program || absent(program)) {
		return ""
	}
	return program
}

func holds(path string, content []byte) bool {
	data, err := os.ReadFile(path)
	return err == nil && bytes.Equal(data, content)
}

// inside reports whether a file lies below a folder.
func inside(file, folder string) bool {
	return strings.HasPrefix(filepath.Clean(file), filepath.Clean(folder)+string(filepath.Separator))
}

func absent(path string) bool {
	_, err := os.Lstat(path)
	return missing(err)
}

// missing reports whether an error means that nothing is there.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotAFolder)
}
