// Package conditions holds conditions on the facts that more than one room needs. Package facts contains no judgement,
// and a room must not import another room.
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

// clockTolerance covers time zones, and a page that was kept for some hours.
const clockTolerance = 24 * time.Hour

// ClockIsWrong reports whether the clock shows a time before this program was built, or another day than e-Tax's clock.
// Without e-Tax's, a clock that is ahead cannot be told from the passing of time.
func ClockIsWrong(f *facts.Facts) bool {
	if ahead := f.ClockAhead; ahead > clockTolerance.Seconds() || ahead < -clockTolerance.Seconds() {
		return true
	}
	s := f.System
	return s != nil && !s.BuiltAt.IsZero() && s.Clock.Before(s.BuiltAt.Add(-clockTolerance))
}

// StoppedForLackOfReader reports whether Windows' smart card service is stopped by design: it exists, is not disabled,
// and is stopped because no reader device is present.
func StoppedForLackOfReader(s *facts.Service) bool {
	w, ok := s.Named(facts.SmartCardService)
	return ok && w.State == facts.ServiceStopped && w.Start != facts.StartDisabled &&
		(s.ReaderDevicePresent == nil || !*s.ReaderDevicePresent)
}

// RemoteHidesReaders reports whether this is a remote desktop session without a reader: the readers of this computer are not
// visible in it, and its service says that it does not run.
func RemoteHidesReaders(f *facts.Facts) bool {
	return f.System != nil && f.System.RemoteSession && f.PCSC != nil &&
		(f.PCSC.State == facts.PCSCNoService || f.PCSC.State == facts.PCSCReachable && len(RealReaders(f.PCSC)) == 0)
}
