// Package readername reads what PC/SC's name of a reader's slot says, and drops what may identify a person.
package readername

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// noPlace are the beginnings of names that are no place for a card: readers of Windows itself, which may be listed
// first and as "present", and security keys. sam is in the names of slots inside a reader.
var noPlace = []string{"Windows Hello for Business", "Microsoft Virtual", "Microsoft UICC", "Yubico"}

const sam = " SAM "

// IsVirtual reports whether a reader of this name, as PC/SC lists it or as [Display] shows it, takes no card that a person
// could put there.
func IsVirtual(name string) bool {
	return strings.Contains(name+" ", sam) ||
		slices.ContainsFunc(noPlace, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// patterns are compiled when first needed: a host that is only asked for hello should not wait for them.
var patterns = sync.OnceValue(func() (p struct{ digits, slot *regexp.Regexp }) {
	p.digits = regexp.MustCompile(`[0-9]{6,}`)                  // no product's name
	p.slot = regexp.MustCompile(`(\s+[0-9A-F]{2}){2}$|\s+\d+$`) // interface and slot, or the unit number of Windows
	return p
})

const nameLimit = 80

// Display is a reader's name without its serial number and slot numbers.
func Display(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(name, "?"))
	// pcsc-lite writes the serial number in parentheses, and after it the slot's numbers: without them, a number at the
	// end is the product's.
	if product, _, found := strings.Cut(name, "("); found {
		name = product
	} else {
		name = patterns().slot.ReplaceAllString(strings.TrimSpace(name), "")
	}
	name = patterns().digits.ReplaceAllString(name, "*")
	name = strings.Join(strings.Fields(name), " ")
	if r := []rune(name); len(r) > nameLimit {
		name = string(r[:nameLimit])
	}
	return name
}
