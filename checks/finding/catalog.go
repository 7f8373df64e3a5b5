package finding

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Entry is the catalogue's entry for a code. It is written in one place only: the codes.json of the code's room.
type Entry struct {
	Code  Code  `json:"code"`
	Layer Layer `json:"layer,omitempty"`
	// Class is hardware (is the card read?) or authentication (is the login accepted?).
	Class string `json:"class,omitempty"`
	// Difficulty of the remedy: low (a minute at the computer), medium (settings, an installation), high (a visit to a
	// municipal office); empty if nothing is wrong.
	Difficulty string `json:"difficulty,omitempty"`
	// Takes is the last part of the key of the text that says how long the remedy takes.
	Takes string `json:"takes,omitempty"`
	// Bring is the same for the text that says what to bring to the municipal office; empty if no visit is needed.
	Bring string `json:"bring,omitempty"`
	// Repair is the action with which the program carries out the remedy; empty if there is none.
	Repair string   `json:"repair,omitempty"`
	Links  []string `json:"links,omitempty"`
	// Args are the named values of the code's texts, and their kinds.
	Args map[string]Kind `json:"args,omitempty"`
	// Explains are the groups of causes that the code belongs to.
	Explains []string `json:"explains,omitempty"`
	// Groups is set if the code is a symptom: the groups of causes that can explain it, the most likely first.
	Groups []string `json:"explainedBy,omitempty"`
	// About is the layer that a symptom speaks of, if it is not that of its room: as the verdict, it stands there.
	About Layer `json:"about,omitempty"`
	// WorseWith are the symptoms beside which a finding of this code is graver: an information a warning, a warning a failure.
	WorseWith []Code `json:"worseWith,omitempty"`
}

// Fine reports whether the code says that nothing is wrong.
func (e Entry) Fine() bool { return e.Difficulty == "" && !IsSymptom(e.Code) && e.Layer != "" }

// Kind says what an argument is: a date (YYYY-MM-DD in Japan), a count, a name that is shown unchanged, or a word of
// this product that is translated. With a question mark at the end, the argument may be missing.
type Kind string

// The kinds of arguments.
const (
	Date  Kind = "date"
	Count Kind = "count"
	Name  Kind = "name"
	Word  Kind = "word"
)

// Optional reports whether the argument may be missing.
func (k Kind) Optional() bool { return strings.HasSuffix(string(k), "?") }

// Is reports whether the argument is of a kind, optional or not.
func (k Kind) Is(kind Kind) bool { return strings.TrimSuffix(string(k), "?") == string(kind) }

// LinksIn returns the links that are of use in a browser, named as in manifests/browsers.json ("" if it is not known): Edge
// does not install from Chrome's store.
func (e Entry) LinksIn(browser string) []string {
	return slices.DeleteFunc(slices.Clone(e.Links), func(link string) bool {
		return browser == "edge" && strings.HasPrefix(link, "https://chromewebstore.google.com/")
	})
}

// LayerEntry is the catalogue's entry for a layer, from the list of rooms.
type LayerEntry struct {
	Name  Layer  `json:"name"`
	Class string `json:"class"`
}

// Data is the catalogue as it is embedded.
type Data struct {
	Layers []LayerEntry `json:"layers"`
	Codes  []Entry      `json:"codes"`
}

type catalog struct {
	layers []Layer
	codes  []Entry

	rank  map[Code]int
	layer map[Layer]int
}

// generated is made from all rooms' codes.json by `go generate ./host`.
//
//go:embed catalog.json
var generated []byte

var loaded = sync.OnceValue(func() *catalog {
	var data Data
	if err := json.Unmarshal(generated, &data); err != nil {
		panic(fmt.Sprintf("the embedded catalogue is broken: %v", err))
	}
	c := &catalog{codes: data.Codes, rank: map[Code]int{}, layer: map[Layer]int{}}
	class := map[Layer]string{}
	for i, l := range data.Layers {
		c.layers = append(c.layers, l.Name)
		c.layer[l.Name] = i
		class[l.Name] = l.Class
	}
	for i := range c.codes {
		e := &c.codes[i]
		c.rank[e.Code] = i
		e.Class = cmp.Or(e.Class, class[cmp.Or(e.About, e.Layer)])
	}
	return c
})

// Rank is the place of a code in the catalogue.
func Rank(code Code) int { return position(loaded().rank, code) }

// Lookup returns the catalogue's entry for a code.
func Lookup(code Code) (Entry, bool) {
	i, ok := loaded().rank[code]
	if !ok {
		return Entry{}, false
	}
	return loaded().codes[i], true
}

// MustLookup is Lookup for codes that the program itself names; it panics if there is no entry.
func MustLookup(code Code) Entry {
	e, ok := Lookup(code)
	if !ok {
		panic(fmt.Sprintf("finding code %q is not in the catalogue", code))
	}
	return e
}

// Codes returns all entries. Within a layer, the failure whose code comes first wins the verdict.
func Codes() []Entry { return loaded().codes }

// Layers returns all layers, in order from the card to e-Tax.
func Layers() []Layer { return loaded().layers }

// IsSymptom reports whether a code stands for what the page showed or did, or for a message that was reported.
func IsSymptom(code Code) bool { return strings.HasPrefix(string(code), "symptom.") }

// ExplainedBy returns the codes that can explain a symptom, the most likely first: in the order of the symptom's
// groups, and within a group in the catalogue's order. It returns none if code is not a symptom.
func ExplainedBy(code Code) (causes []Code) {
	symptom, _ := Lookup(code)
	for _, group := range symptom.Groups {
		for _, e := range loaded().codes {
			if slices.Contains(e.Explains, group) && !slices.Contains(causes, e.Code) {
				causes = append(causes, e.Code)
			}
		}
	}
	return causes
}
