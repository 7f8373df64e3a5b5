// Package reader finds out which card readers PC/SC sees, and judges whether one is usable.
package reader

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/pcsc"
)

// Slot is a reader's slot as PC/SC names it, serial number and all. It never leaves the process.
type Slot struct {
	Name  string
	State pcsc.State
}

// Virtual reports whether the slot takes no card that a person could put there.
func (s Slot) Virtual() bool {
	return strings.Contains(s.Name+" ", sam) ||
		slices.ContainsFunc(noPlace, func(prefix string) bool { return strings.HasPrefix(s.Name, prefix) })
}

// HoldsCard reports whether a card that could be a My Number card is in the slot.
func (s Slot) HoldsCard() bool { return s.State.Flags.Has(pcsc.StatePresent) && !s.Virtual() }

// Probe lists the readers and their state flags. It connects to no card. devices says what the operating system sees; it may
// be nil.
func Probe(ctx context.Context, system pcsc.System, devices func() []facts.Device) (*facts.PCSC, []Slot) {
	f, slots := probe(ctx, system)
	if devices != nil {
		f.Devices = devices()
	}
	return f, slots
}

func probe(ctx context.Context, system pcsc.System) (*facts.PCSC, []Slot) {
	pc, err := system.Establish(ctx)
	if err != nil {
		return failed(err), nil
	}
	defer pc.Release()
	names, err := pc.Readers(ctx)
	if err != nil {
		return failed(err), nil
	}
	states, err := pc.States(ctx, names)
	if err != nil {
		states = make([]pcsc.State, len(names))
		for i, name := range names { // one bad reader must not hide the others
			if one, oneErr := pc.States(ctx, []string{name}); oneErr == nil {
				states[i] = one[0]
			} else {
				states[i].Flags = pcsc.StateUnavailable
			}
		}
	}
	f := &facts.PCSC{State: facts.PCSCReachable}
	slots := make([]Slot, len(names))
	for i, name := range names {
		slots[i] = Slot{Name: name, State: states[i]}
		f.Readers = append(f.Readers, facts.Reader{
			Name:    DisplayName(name),
			Virtual: slots[i].Virtual(),
			State:   flags(states[i].Flags),
		})
	}
	return f, slots
}

func failed(err error) *facts.PCSC {
	f := &facts.PCSC{State: facts.PCSCFailed}
	var pe *pcsc.Error
	var de *pcsc.DeadlineError
	switch {
	case errors.Is(err, pcsc.ErrNotBuilt):
		f.State = facts.PCSCNotBuilt
	case errors.As(err, &pe):
		f.Error = &facts.PCSCError{Call: pe.Call, Code: fmt.Sprintf("%08X", uint32(pe.Code))}
		if pe.Code == pcsc.CodeNoService || pe.Code == pcsc.CodeServiceStopped {
			f.State = facts.PCSCNoService
		}
	case errors.As(err, &de):
		f.Error = &facts.PCSCError{Call: de.Call, Code: string(facts.TimedOut)}
	default:
		f.Error = &facts.PCSCError{Code: string(facts.Crashed)}
	}
	return f
}

func flags(s pcsc.StateFlags) facts.ReaderStates {
	return facts.ReaderStates{
		Present:     s.Has(pcsc.StatePresent),
		InUse:       s.Has(pcsc.StateInUse),
		Exclusive:   s.Has(pcsc.StateExclusive),
		Mute:        s.Has(pcsc.StateMute),
		Unavailable: s.Has(pcsc.StateUnavailable) || s.Has(pcsc.StateUnknown),
	}
}

// noPlace are the beginnings of names that are no place for a card: readers of Windows itself, which may be listed
// first and as "present", and security keys. sam is in the names of slots inside a reader.
var noPlace = []string{"Windows Hello for Business", "Microsoft Virtual", "Microsoft UICC", "Yubico"}

const sam = " SAM "

// patterns are compiled when first needed: a host that is only asked for hello should not wait for them.
var patterns = sync.OnceValue(func() (p struct{ digits, slot *regexp.Regexp }) {
	p.digits = regexp.MustCompile(`[0-9]{6,}`)                  // no product's name
	p.slot = regexp.MustCompile(`(\s+[0-9A-F]{2}){2}$|\s+\d+$`) // interface and slot, or the unit number of Windows
	return p
})

const nameLimit = 80

// DisplayName is a reader's name without its serial number and slot numbers.
func DisplayName(name string) string {
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
