package install

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
)

// recordSchema marks a record as ours.
const recordSchema = "etax-doctor.installed/1"

// record lists what an installation has written, so that exactly this can be removed, also by a later version, and also
// after an interrupted installation.
type record struct {
	Schema  string   `json:"schema"`
	Version string   `json:"version"`
	Files   []string `json:"files"`
	Folders []string `json:"folders"` // those that did not exist before, parents first
	Keys    []string `json:"keys"`    // likewise
}

// readRecord reads the record of the existing installation; an empty one if there is none.
func readRecord(path string) (record, error) {
	data, err := os.ReadFile(path)
	if missing(err) {
		return record{}, nil
	}
	if err != nil {
		return record{}, problem("record", map[string]string{"file": path}, err)
	}
	var r record
	if json.Unmarshal(data, &r) != nil || r.Schema != recordSchema {
		return record{}, nil // damaged: what the tables name is removed all the same
	}
	return r, nil
}

// checkPlaces returns an error if there is something else in our place: a checkout, an unpacked package, or the files of
// Windows Installer or a Debian package. Nothing in it is known to be ours.
func (o owner) checkPlaces() error {
	if info, err := os.Lstat(o.at.extension); err == nil && !info.IsDir() {
		return problem("not_ours", map[string]string{"place": o.at.extension}, nil)
	}
	for _, path := range []string{o.at.own, o.at.program} {
		if o.otherOwner(claim{path: path}) != "" {
			return problem("not_ours", map[string]string{"place": path}, nil)
		}
	}
	return nil
}

// recordStep makes the step that writes the record: what the plan will write, together with what was written before it.
func (p *Plan) recordStep(before record) writeFile {
	r := record{Schema: recordSchema, Version: p.target.Version, Files: before.Files, Folders: before.Folders, Keys: before.Keys}
	for _, s := range p.steps {
		if w, ok := s.(writeFile); ok {
			r.Files = add(r.Files, w.path)
			for _, folder := range missingAbove(w.path) {
				r.Folders = add(r.Folders, folder)
			}
		}
	}
	for _, folder := range missingAbove(p.places.record) {
		r.Folders = add(r.Folders, folder)
	}
	for _, key := range p.madeKeys {
		r.Keys = add(r.Keys, key)
	}
	slices.Sort(r.Files)
	slices.Sort(r.Folders) // a parent is shorter, and comes first
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		panic(err)
	}
	return writeFile{fileAt{p.places.record}, append(data, '\n'), 0o644}
}

func add(list []string, item string) []string {
	if slices.Contains(list, item) {
		return list
	}
	return append(list, item)
}

// missingAbove lists the missing folders above a path, the deepest first.
func missingAbove(path string) (missing []string) {
	for dir := filepath.Dir(path); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); err == nil {
			break
		}
		missing = append(missing, dir)
	}
	return missing
}
