package finding

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"etax-doctor/extension"
)

// Entry is what the catalogue says of a code.
type Entry struct {
	Code  Code  `json:"code"`
	Layer Layer `json:"layer"`
	// Class is hardware (is the card read?) or authentication (is the login accepted?).
	Class string `json:"class"`
	// Difficulty of the remedy: low (a minute at the desk), medium (settings, an installation), high (a municipal office).
	Difficulty string `json:"effort"`
	// Takes is how long the remedy takes: the last part of the key of a text.
	Takes string `json:"takes"`
	// Bring is what to bring to the municipal office, likewise; empty where the remedy needs none.
	Bring  string   `json:"bring"`
	Repair string   `json:"repair"`
	Links  []string `json:"links"`
	// ExplainedBy makes the code a symptom: the codes that would explain it, likeliest first.
	ExplainedBy []Code `json:"explainedBy"`
}

type catalog struct {
	Layers []Layer
	Codes  []Entry

	rank  map[Code]int
	layer map[Layer]int
}

// machine.json is what the extension has no need of: the remedies of the codes of the machine's side, which the host sends
// with its findings, and the codes of messages that only a person can report and of the command line.
//
//go:embed machine.json
var machine []byte

var loaded = sync.OnceValue(func() *catalog {
	var shared struct {
		Layers []struct {
			Name Layer `json:"name"`
			// Class is that of the layer's codes that name none themselves.
			Class string `json:"class"`
		} `json:"layers"`
		Codes []Entry `json:"codes"`
	}
	var own struct {
		Details  map[Code]Entry `json:"details"`
		Reported []Entry        `json:"reported"`
		Own      []Entry        `json:"own"` // of the command line's look at our own registration
	}
	data, err := extension.Data.ReadFile("catalog.json")
	if err := errors.Join(err, json.Unmarshal(data, &shared), json.Unmarshal(machine, &own)); err != nil {
		panic(fmt.Sprintf("the embedded catalogue is broken: %v", err))
	}
	c := &catalog{Codes: slices.Concat(shared.Codes, own.Reported, own.Own), rank: map[Code]int{}, layer: map[Layer]int{}}
	class := map[Layer]string{}
	for i, l := range shared.Layers {
		c.Layers = append(c.Layers, l.Name)
		c.layer[l.Name] = i
		class[l.Name] = cmp.Or(l.Class, "authentication")
	}
	for i := range c.Codes {
		e := &c.Codes[i]
		if e.Layer == "" { // a code's first word is its layer's, but for a few
			if layer, _, _ := strings.Cut(string(e.Code), "."); class[Layer(layer)] != "" {
				e.Layer = Layer(layer)
			}
		}
		c.rank[e.Code] = i
		if e.Class == "" {
			e.Class = class[e.Layer]
		}
		if d, ok := own.Details[e.Code]; ok {
			e.Takes, e.Bring, e.Links = d.Takes, d.Bring, d.Links
		}
	}
	return c
})

// Lookup returns the catalogue's entry of a code.
func Lookup(code Code) (Entry, bool) {
	i, ok := loaded().rank[code]
	if !ok {
		return Entry{}, false
	}
	return loaded().Codes[i], true
}

// MustLookup is Lookup for codes written in the program.
func MustLookup(code Code) Entry {
	e, ok := Lookup(code)
	if !ok {
		panic(fmt.Sprintf("finding code %q is not in the catalogue", code))
	}
	return e
}

// Codes returns all entries. Within a layer, the order is the order in which failures win the verdict.
func Codes() []Entry { return loaded().Codes }

// Layers returns all layers from the card's side to e-Tax.
func Layers() []Layer { return loaded().Layers }
