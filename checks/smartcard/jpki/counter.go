package jpki

import (
	"context"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/smartcard/apdu"
)

// counter asks for a PIN's retry counter, by the key or, if the card refuses that, through the PIN's EF.
func (r *reader) counter(ctx context.Context, key apdu.Key, ef apdu.EF) (*facts.Counter, error) {
	reply, err := r.gate.RetryCounter(ctx, key)
	if err != nil {
		return nil, err
	}
	if c := parseCounter(reply.SW); c.State != facts.CounterUnknown {
		return c, nil
	}
	r.onPIN = true
	selected, err := r.selectEF(ctx, ef)
	if err != nil {
		return nil, err
	}
	if selected != apdu.SWOK { // after a warning, it may still be selected
		return &facts.Counter{State: facts.CounterUnknown, SW: reply.SW.String()}, r.leavePIN(ctx)
	}
	if reply, err = r.gate.RetryCounter(ctx, apdu.KeyCurrent); err != nil {
		return nil, err
	}
	r.needsSelect = true
	return parseCounter(reply.SW), r.leavePIN(ctx)
}

// leavePIN selects another EF than the PIN's. It does so at once, not at the end of the reading, because the process
// may be killed before the end. It selects the login certificate, which is read next, or else the application, which
// every card has.
func (r *reader) leavePIN(ctx context.Context) error {
	sw, err := r.selectEF(ctx, apdu.EFLoginCert)
	if err == nil && sw != apdu.SWOK {
		sw, err = r.selectApplication(ctx)
	}
	r.onPIN = err != nil || sw != apdu.SWOK
	return err
}

// parseCounter reads the answer to an empty VERIFY. No source says which of 63C0, 6983 and 6984 a locked real card
// gives, so all three count as locked. 9000 means that another program has already verified the PIN.
func parseCounter(sw apdu.SW) *facts.Counter {
	c := &facts.Counter{State: facts.CounterUnknown, SW: sw.String()}
	if n, ok := sw.Tries(); ok {
		c.State, c.Tries = facts.CounterTries, n
		if n == 0 {
			c.State = facts.CounterLocked
		}
	}
	switch sw {
	case apdu.SWBlocked, apdu.SWReferenceLock:
		c.State = facts.CounterLocked
	case apdu.SWOK:
		c.State = facts.CounterVerified
	}
	return c
}
