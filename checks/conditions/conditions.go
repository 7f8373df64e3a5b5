// Package conditions holds what more than one room asks of the facts. Facts themselves carry no opinion, and a room
// imports no other room.
package conditions

import (
	"time"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/smartcard/readername"
)

// RealReaders returns the readers that a person can put a card on.
func RealReaders(p *facts.PCSC) (real []facts.Reader) {
	for _, r := range p.Readers {
		if !readername.IsVirtual(r.Name) {
			real = append(real, r)
		}
	}
	return real
}

// ClockIsWrong reports whether the clock shows a time before this program was built. A day of tolerance covers time zones.
func ClockIsWrong(s *facts.System) bool {
	return s != nil && !s.BuiltAt.IsZero() && s.Clock.Before(s.BuiltAt.Add(-24*time.Hour))
}

// StoppedForLackOfReader reports the state in which Windows keeps its smart card service by design: it exists, is not
// disabled, and is stopped because no reader device is there to need it.
func StoppedForLackOfReader(s *facts.Service) bool {
	w, ok := s.Named(facts.SmartCardService)
	return ok && w.State == facts.ServiceStopped && w.Start != facts.StartDisabled &&
		(s.ReaderDevicePresent == nil || !*s.ReaderDevicePresent)
}
