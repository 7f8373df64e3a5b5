package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"etax-doctor/checks"
	"etax-doctor/checks/finding"
)

// code is what a codes.json says of one code: its entry in the catalogue and its texts.
type code struct {
	finding.Entry
	JA texts `json:"ja"`
	EN texts `json:"en"`

	inExtension bool
}

// texts are those of one language, by their parts: title, detail, steps, and, for one system alone, steps_linux and so on. A
// part is a string, and steps are a list.
type texts map[string]json.RawMessage

// layers are those of the list of rooms, in its order.
func layers() (all []finding.LayerEntry) {
	for _, r := range checks.Rooms {
		all = append(all, finding.LayerEntry{Name: r.Layer, Class: r.Class})
	}
	return all
}

// read reads all codes: layer by layer in the order of the list of rooms, and within each layer the browser's side first.
func read(root fs.FS) (all []code, err error) {
	browser, err := fs.Glob(root, "extension/checks/*.codes.json")
	if err != nil {
		return nil, err
	}
	machine, err := fs.Glob(root, "checks/*/codes.json")
	if err != nil {
		return nil, err
	}
	for _, path := range slices.Concat(browser, machine) {
		codes, err := readFile(root, path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		all = append(all, codes...)
	}
	order := map[finding.Layer]int{"": len(checks.Rooms)}
	for i, r := range checks.Rooms {
		order[r.Layer] = i
	}
	slices.SortStableFunc(all, func(a, b code) int { return order[a.Layer] - order[b.Layer] })
	return all, nil
}

func readFile(root fs.FS, name string) ([]code, error) {
	data, err := fs.ReadFile(root, name)
	if err != nil {
		return nil, err
	}
	var file struct {
		Layer finding.Layer `json:"layer"` // of the codes that name none
		Codes []code        `json:"codes"`
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return nil, err
	}
	for i := range file.Codes {
		c := &file.Codes[i]
		if c.Layer == "" {
			c.Layer = file.Layer
		}
		c.inExtension = strings.HasPrefix(path.Dir(name), "extension")
	}
	return file.Codes, nil
}
