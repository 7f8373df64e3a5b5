package jpki

import (
	"context"

	"etax-doctor/checks/apdu"
	"etax-doctor/checks/facts"
)

// counter asks for a PIN's retry counter with a VERIFY that has no body and so cannot cost a try. key is P2 of the
// form that names the key directly; a card that refuses it is asked through its PIN file.
func (r *reader) counter(ctx context.Context, key byte, ef apdu.EF) (*facts.Counter, error) {
	reply, err := r.gate.Send(ctx, []byte{0x00, 0x20, 0x00, key})
	if err != nil {
		return nil, err
	}
	if c := parseCounter(reply.SW); c.State != facts.CounterUnknown {
		return c, nil
	}
	selected, err := r.selectEF(ctx, ef)
	if err != nil {
		return nil, err
	}
	if selected != apdu.SWOK {
		return &facts.Counter{State: facts.CounterUnknown, SW: reply.SW.String()}, nil
	}
	if reply, err = r.gate.Send(ctx, []byte{0x00, 0x20, 0x00, 0x80}); err != nil {
		return nil, err
	}
	return parseCounter(reply.SW), nil
}

// parseCounter reads the answer to an empty VERIFY. Which of 63C0, 6983 and 6984 a locked real card gives is
// documented nowhere, so all three count as locked. 9000 means that another program has already verified the PIN.
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
