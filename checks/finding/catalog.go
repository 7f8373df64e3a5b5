package finding

import (
	"encoding/json"
	"fmt"
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
	Difficulty string `json:"difficulty"`
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
	Layers []Layer `json:"layers"`
	Codes  []Entry `json:"codes"`

	rank  map[Code]int
	layer map[Layer]int
}

var loaded = sync.OnceValue(func() *catalog {
	data, err := extension.Data.ReadFile("catalog.json")
	c := &catalog{rank: map[Code]int{}, layer: map[Layer]int{}}
	if err == nil {
		err = json.Unmarshal(data, c)
	}
	if err != nil {
		panic(fmt.Sprintf("the embedded catalogue is broken: %v", err))
	}
	for i, e := range c.Codes {
		c.rank[e.Code] = i
	}
	for i, l := range c.Layers {
		c.layer[l] = i
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
