// Package reader finds out which card readers PC/SC sees, and judges whether one is usable.
package reader

import (
	"context"
	"errors"
	"fmt"
	"time"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/checks/smartcard/readername"
)

// Slot is a reader's slot. Its name, as PC/SC gives it, contains the serial number, so it never leaves the process.
type Slot struct {
	Name  string
	State pcsc.State
}

// HoldsCard reports whether a card that could be a My Number card is in the slot.
func (s Slot) HoldsCard() bool {
	return s.State.Flags.Has(pcsc.StatePresent) && !readername.IsVirtual(s.Name)
}

const (
	// startTime is how long the service may take to start after its first reader was plugged in. The probe's deadline is
	// longer.
	startTime     = 1600 * time.Millisecond
	startInterval = 200 * time.Millisecond
)

// Probe lists the readers and their state flags. It connects to no card. devices lists the readers that the operating
// system sees; it may be nil.
// comingUp says whether the smart card service may be on its way up, so that it is worth asking again; it may be nil.
func Probe(ctx context.Context, system pcsc.System, devices func() []facts.Device, comingUp func() bool) (*facts.PCSC, []Slot) {
	f, slots := probe(ctx, system)
	for end := time.Now().Add(startTime); f.State == facts.PCSCNoService && comingUp != nil && comingUp() && time.Now().Before(end); {
		select {
		case <-ctx.Done():
			return f, slots
		case <-time.After(startInterval):
			f, slots = probe(ctx, system)
		}
	}
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
			Name:  readername.Display(name),
			State: flags(states[i].Flags),
		})
	}
	return f, slots
}

// isNoService reports whether an error says that the smart card service does not run: for itself, or in a remote session.
func isNoService(err error) bool {
	switch pcsc.CodeOf(err) {
	case pcsc.CodeNoService, pcsc.CodeServiceStopped, pcsc.CodeBrokenPipe:
		return true
	}
	return false
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
		if isNoService(err) {
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
