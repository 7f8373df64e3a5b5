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

// code is one code of a codes.json: its entry in the catalogue and its texts.
type code struct {
	finding.Entry
	JA texts `json:"ja"`
	EN texts `json:"en"`

	inExtension bool
}

// travels reports whether the extension has the code's texts.
func (c code) travels() bool { return c.inExtension || withoutHost(c.Code) }

// texts are the texts of a code in one language, by part: title, detail and steps; a text for one system only has a part
// such as steps_linux. A part is a string, and steps are a list.
type texts map[string]json.RawMessage

// layers returns the layers of the list of rooms, in its order.
func layers() (all []finding.LayerEntry) {
	for _, r := range checks.Rooms {
		all = append(all, finding.LayerEntry{Name: r.Layer, Class: r.Class})
	}
	return all
}

// room is the content of a codes.json.
type room struct {
	// Layer is the layer of each code that does not name one.
	Layer finding.Layer `json:"layer"`
	// Name is the layer's name, by language. If several rooms have codes of one layer, one of them names it.
	Name  map[string]string `json:"name"`
	Codes []code            `json:"codes"`
}

// read reads all codes: layer by layer in the order of the list of rooms, and within each layer the browser's side first.
// names holds the names of the layers.
func read(root fs.FS) (all []code, names map[finding.Layer]map[string]string, err error) {
	browser, err := fs.Glob(root, "extension/checks/*.codes.json")
	if err != nil {
		return nil, nil, err
	}
	machine, err := fs.Glob(root, "checks/*/codes.json")
	if err != nil {
		return nil, nil, err
	}
	names = map[finding.Layer]map[string]string{}
	for _, path := range slices.Concat(browser, machine) {
		room, err := readRoom(root, path)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", path, err)
		}
		if room.Name != nil {
			names[room.Layer] = room.Name
		}
		all = append(all, room.Codes...)
	}
	order := map[finding.Layer]int{"": len(checks.Rooms)}
	for i, r := range checks.Rooms {
		order[r.Layer] = i
	}
	slices.SortStableFunc(all, func(a, b code) int { return order[a.Layer] - order[b.Layer] })
	return all, names, nil
}

func readRoom(root fs.FS, name string) (r room, err error) {
	data, err := fs.ReadFile(root, name)
	if err != nil {
		return r, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return r, err
	}
	for i := range r.Codes {
		c := &r.Codes[i]
		if c.Layer == "" {
			c.Layer = r.Layer
		}
		c.inExtension = strings.HasPrefix(path.Dir(name), "extension")
	}
	return r, nil
}
