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

// owner decides whether a file belongs to this installation or to something else.
type owner struct {
	at    places
	known record // what the existing installation has written
}

// claim is a path that is about to be written or removed.
type claim struct {
	path string
	// manifest says that the file is a manifest under our name: its content decides, not its folder.
	manifest bool
	// content is what this version would write there; nil if equal content would prove nothing.
	content []byte
}

// otherOwner returns what the path belongs to instead: the program that a manifest names, or the path itself if it is not
// known to be ours. It returns "" if the path is ours, or if nothing is there.
func (o owner) otherOwner(c claim) string {
	info, err := os.Stat(c.path) // a folder of ours may be a link to another place
	switch {
	case c.manifest:
		return o.otherProgram(c.path)
	case absent(c.path):
		return ""
	case c.content == nil && err == nil && info.IsDir():
		// A folder is ours if the installation wrote something in it, or if it holds only what the program itself leaves.
		entries, err := os.ReadDir(c.path)
		foreign := slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return !isLeftover(e.Name()) })
		written := slices.ContainsFunc(o.known.Files, func(file string) bool { return inside(file, c.path) })
		if written || err == nil && !foreign {
			return ""
		}
	case slices.Contains(o.known.Files, c.path), c.content != nil && hasContent(c.path, c.content):
		return ""
	}
	return c.path
}

// otherProgram reads a manifest under our name. It is ours too if it names a program of ours that no longer exists, or if
// it cannot be read but the installation has written it.
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
	if !filepath.IsAbs(program) && !strings.ContainsAny(program, `/\`) { // allowed on Windows, and used by our installers
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

func hasContent(path string, content []byte) bool {
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
