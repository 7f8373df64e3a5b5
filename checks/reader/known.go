package reader

import (
	_ "embed"
	"slices"
	"strings"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/table"
)

// readersJSON is what is known about readers used in Japan: names, USB ids, drivers per operating system ("" if there
// is none or none is known), quirks, and how certain this is. To add a reader, add an entry.
//
//go:embed readers.json
var readersJSON []byte

// KnownReader is what is known about a reader.
type KnownReader struct {
	Name       string            `json:"name"`
	USB        []string          `json:"usb"` // vendor:product, lower-case hexadecimal
	PCSCNames  []string          `json:"pcscNames"`
	Driver     map[string]string `json:"driver"` // by Go's name of the operating system
	Quirk      string            `json:"quirk"`
	Confidence string            `json:"confidence"` // high, medium or low
}

var known = table.Once[[]KnownReader]("readers.json", readersJSON)

// ByUSB returns what is known about the reader with a USB id such as 054c:0dc9.
func ByUSB(id string) (KnownReader, bool) {
	i := slices.IndexFunc(known(), func(k KnownReader) bool { return slices.Contains(k.USB, id) })
	if i < 0 {
		return KnownReader{}, false
	}
	return known()[i], true
}

// isNamed reports whether a listed reader's name begins with one of PCSCNames.
func (k KnownReader) isNamed(r facts.Reader) bool {
	return slices.ContainsFunc(k.PCSCNames, func(name string) bool {
		return len(r.Name) >= len(name) && strings.EqualFold(r.Name[:len(name)], name) // drivers write SONY and Sony
	})
}
