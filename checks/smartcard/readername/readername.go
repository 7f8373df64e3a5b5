// Package readername evaluates the name that PC/SC gives to a reader's slot, and removes what may identify a person.
package readername

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// virtualPrefixes are prefixes of the names of readers that take no card: readers of Windows itself, which may be listed first
// and as "present", and security keys. sam is in the names of slots inside a reader.
var virtualPrefixes = []string{"Windows Hello for Business", "Microsoft Virtual", "Microsoft UICC", "Yubico"}

const sam = " SAM "

// IsVirtual reports whether a person cannot put a card on the reader with this name. The name may be as PC/SC lists it
// or as [Display] returns it.
func IsVirtual(name string) bool {
	return strings.Contains(name+" ", sam) ||
		slices.ContainsFunc(virtualPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// patterns are compiled at first use, so that the host's answer to hello does not wait for them.
var patterns = sync.OnceValue(func() (p struct{ digits, slot *regexp.Regexp }) {
	p.digits = regexp.MustCompile(`[0-9]{6,}`)                  // a serial number: no product name has so many digits
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
	// pcsc-lite writes the serial number in parentheses and the slot's numbers after it. Without both, a number at the
	// end belongs to the product name.
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
