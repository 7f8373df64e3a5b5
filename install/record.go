package install

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"etax-doctor/host/version"
)

// recordSchema marks a record as ours.
const recordSchema = "etax-doctor.installed/1"

// record is what an installation has written, so that it can be taken away exactly, also by a later version and after one
// that broke off.
type record struct {
	Schema  string   `json:"schema"`
	Version string   `json:"version"`
	Files   []string `json:"files"`
	Folders []string `json:"folders"` // that were not there before, those above first
	Keys    []string `json:"keys"`    // likewise
}

// readRecord reads the record of the installation that is there; an empty one where there is none.
func readRecord(path string) (record, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotAFolder) {
		return record{}, nil
	}
	if err != nil {
		return record{}, problem("record", map[string]string{"file": path}, err)
	}
	var r record
	if json.Unmarshal(data, &r) != nil || r.Schema != recordSchema {
		return record{}, nil // damaged: what the tables say is taken away all the same
	}
	return r, nil
}

// guard refuses a folder of ours in which something else lies: a checkout, an unpacked package, or what Windows Installer
// or Debian has put there. Nothing in it is known to be ours.
func (r record) guard(to places) error {
	if info, err := os.Lstat(to.extension); err == nil && !info.IsDir() {
		return problem("not_ours", map[string]string{"place": to.extension}, nil)
	}
	for _, file := range []string{to.own, to.program} {
		entries, err := os.ReadDir(file)
		known := slices.ContainsFunc(r.Files, func(f string) bool { return f == file || inside(f, file) })
		switch {
		case known, absent(file):
		case err == nil && !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return !incidental(e.Name()) }):
		default:
			return problem("not_ours", map[string]string{"place": file}, nil)
		}
	}
	return nil
}

// kept are the files that the program itself keeps: its log and the log's lock, what it knows of readers, and the lock
// of those who read a card.
var kept = []string{"host.log", "host.log.1", "host.log.lock", "readers.json", "reading.lock"}

// incidental are files that the program itself may have left in its folder: those it keeps, and what broke off.
func incidental(name string) bool {
	return slices.Contains(kept, name) || strings.HasPrefix(name, ".etax-doctor-")
}

// record is what will have been written when the plan is carried out, with what was written before it.
func (p *Plan) record(before record) writeFile {
	r := record{Schema: recordSchema, Version: version.Version, Files: before.Files, Folders: before.Folders, Keys: before.Keys}
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
	slices.Sort(r.Folders) // what lies above is shorter, and comes first
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		panic(err)
	}
	return writeFile{p.places.record, append(data, '\n'), 0o644}
}

func add(list []string, item string) []string {
	if slices.Contains(list, item) {
		return list
	}
	return append(list, item)
}

// missingAbove lists the folders above a path that are not there.
func missingAbove(path string) (missing []string) {
	for dir := filepath.Dir(path); dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Lstat(dir); err == nil {
			break
		}
		missing = append(missing, dir)
	}
	return missing
}
