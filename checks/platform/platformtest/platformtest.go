// Package platformtest describes a machine as data, which replaces the real machine in tests.
package platformtest

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"etax-doctor/checks/platform"
)

// Fixture describes a machine as data: registry keys and files, in a form that a person can read and write. It
// implements Registry and Files.
type Fixture struct {
	OS     string `json:"os"`
	Home   string `json:"home"`
	Config string `json:"config"`
	// Registered maps HKCU32\path, HKLM64\path and so on to values: a string, a number, or {"error": "denied"}. HKCU\path and
	// HKLM\path stand for both views.
	Registered map[string]map[string]json.RawMessage `json:"registry"`
	// Paths maps absolute paths to contents: a string, {"json": …}, {"base64": "…"}, {"folder": true}, {"signed": true}, {"size": n} or
	// {"error": "denied"}.
	Paths map[string]json.RawMessage `json:"files"`
}

// Computer returns the computer that f describes.
func (f *Fixture) Computer() *platform.Computer {
	m := &platform.Computer{OS: f.OS, Files: f, Home: f.Home, Config: f.Config}
	if f.OS == "windows" {
		m.Registry = f
	}
	return m
}

type entry struct {
	JSON   json.RawMessage `json:"json"`
	Base64 []byte          `json:"base64"`
	Folder bool            `json:"folder"`
	Signed bool            `json:"signed"`
	Size   int64           `json:"size"`
	Error  string          `json:"error"`
}

func (e entry) err() error {
	switch e.Error {
	case "":
		return nil
	case "denied":
		return platform.ErrDenied
	case "wrong-type":
		return platform.ErrWrongType
	}
	return fmt.Errorf("%s", e.Error)
}

func (f *Fixture) values(root platform.Root, view platform.View, key string) (map[string]json.RawMessage, error) {
	merged := map[string]json.RawMessage{}
	found := false
	for k, values := range f.Registered {
		prefix, rest, _ := strings.Cut(k, `\`)
		if strings.EqualFold(rest, key) && (prefix == string(root) || prefix == fmt.Sprintf("%s%d", root, view)) {
			found = true
			for n, v := range values {
				merged[strings.ToLower(n)] = v
			}
		}
	}
	if !found {
		return nil, platform.ErrAbsent
	}
	return merged, nil
}

func (f *Fixture) value(root platform.Root, view platform.View, key, name string, into any) error {
	values, err := f.values(root, view, key)
	if err != nil {
		return err
	}
	raw, ok := values[strings.ToLower(name)]
	if !ok {
		return platform.ErrAbsent
	}
	var e entry
	if json.Unmarshal(raw, &e) == nil && e.err() != nil {
		return e.err()
	}
	if json.Unmarshal(raw, into) != nil {
		return platform.ErrWrongType
	}
	return nil
}

// Text implements Registry.
func (f *Fixture) Text(root platform.Root, view platform.View, key, name string) (text string, err error) {
	return text, f.value(root, view, key, name, &text)
}

// Number implements Registry.
func (f *Fixture) Number(root platform.Root, view platform.View, key, name string) (n uint64, err error) {
	return n, f.value(root, view, key, name, &n)
}

// Values implements Registry.
func (f *Fixture) Values(root platform.Root, view platform.View, key string) ([]string, error) {
	values, err := f.values(root, view, key)
	names := make([]string, 0, len(values))
	for n := range values {
		names = append(names, n)
	}
	slices.Sort(names)
	return names, err
}

// Keys implements Registry.
func (f *Fixture) Keys(root platform.Root, view platform.View, key string) (names []string, err error) {
	for k := range f.Registered {
		prefix, rest, _ := strings.Cut(k, `\`)
		if prefix != string(root) && prefix != fmt.Sprintf("%s%d", root, view) {
			continue
		}
		if below, ok := strings.CutPrefix(strings.ToLower(rest), strings.ToLower(key)+`\`); ok {
			name, _, _ := strings.Cut(rest[len(rest)-len(below):], `\`)
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	if names == nil {
		err = platform.ErrAbsent
	}
	return names, err
}

func (f *Fixture) entry(name string) (e entry, text string, err error) {
	raw, ok := f.Paths[name]
	if !ok {
		return e, "", platform.ErrAbsent
	}
	if json.Unmarshal(raw, &text) == nil {
		return e, text, nil
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return e, "", err
	}
	return e, "", e.err()
}

// Read implements Files.
func (f *Fixture) Read(name string, limit int64) ([]byte, error) {
	e, text, err := f.entry(name)
	switch {
	case err != nil:
		return nil, err
	case e.Folder:
		return nil, platform.ErrNotAFile
	}
	data := []byte(text)
	if e.JSON != nil {
		data = e.JSON
	} else if e.Base64 != nil {
		data = e.Base64
	}
	if max(e.Size, int64(len(data))) > limit {
		return nil, platform.ErrTooLarge
	}
	return data, nil
}

// List implements Files.
func (f *Fixture) List(folder string) (names []string, err error) {
	for p := range f.Paths {
		if path.Dir(p) == folder {
			names = append(names, path.Base(p))
		}
	}
	if names == nil && !f.IsFolder(folder) {
		return nil, fs.ErrNotExist
	}
	slices.Sort(names)
	return names, nil
}

// IsFile implements Files.
func (f *Fixture) IsFile(name string) (bool, error) {
	e, _, err := f.entry(name)
	if err == platform.ErrAbsent {
		return false, nil
	}
	return err == nil && !e.Folder, err
}

// Signed implements Files.
func (f *Fixture) Signed(name string) (bool, error) {
	e, _, err := f.entry(name)
	return e.Signed, err
}

// IsFolder implements Files.
func (f *Fixture) IsFolder(name string) bool {
	if e, _, err := f.entry(name); err == nil && e.Folder {
		return true
	}
	for p := range f.Paths {
		if strings.HasPrefix(p, name+"/") || strings.HasPrefix(p, name+`\`) {
			return true
		}
	}
	return false
}
