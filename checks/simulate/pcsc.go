package simulate

import (
	"context"
	"sync/atomic"
	"time"

	"etax-doctor/checks/smartcard/apdu"
	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/checks/smartcard/virtualcard"
)

// PCSC is a PC/SC service in this process, with virtual cards in its slots.
type PCSC struct {
	// Fail is the code that establishing a context fails with; 0 means the service runs.
	Fail  pcsc.Code
	Slots []*Slot
}

// Slot is a simulated slot of a reader.
type Slot struct {
	Name string
	Card *virtualcard.Card
	// Flags are added to the slot's state, e.g. pcsc.StateMute.
	Flags pcsc.StateFlags
	// ConnectFails is the code that Connect fails with.
	ConnectFails pcsc.Code
	// RemovedAfter takes the card off after this many APDUs; 0 means never.
	RemovedAfter int

	sent atomic.Int64
}

func (s *Slot) empty() bool {
	return s.Card == nil || (s.RemovedAfter > 0 && s.sent.Load() >= int64(s.RemovedAfter))
}

// Establish implements pcsc.System.
func (p *PCSC) Establish(context.Context) (pcsc.Context, error) {
	if p.Fail != 0 {
		return nil, &pcsc.Error{Call: "EstablishContext", Code: p.Fail}
	}
	return established{p}, nil
}

type established struct{ *PCSC }

func (e established) Release() {}

func (e established) Readers(context.Context) ([]string, error) {
	names := make([]string, len(e.Slots))
	for i, s := range e.Slots {
		names[i] = s.Name
	}
	return names, nil
}

func (e established) States(_ context.Context, names []string) ([]pcsc.State, error) {
	states := make([]pcsc.State, len(names))
	for i, name := range names {
		slot := e.slot(name)
		if slot == nil {
			return nil, &pcsc.Error{Call: "GetStatusChange", Code: pcsc.CodeUnknownReader}
		}
		states[i].Flags = slot.Flags
		if slot.empty() {
			states[i].Flags |= pcsc.StateEmpty
			continue
		}
		states[i].Flags |= pcsc.StatePresent
		states[i].ATR = slot.Card.ATR()
	}
	return states, nil
}

// Wait returns at once if a state differs from last. Otherwise it only waits for the timeout or the end of ctx.
func (e established) Wait(ctx context.Context, names []string, last []pcsc.State, timeout time.Duration) ([]pcsc.State, error) {
	now := make([]pcsc.State, len(names))
	changed := false
	for i, name := range names {
		if name != pcsc.PnP {
			state, err := e.States(ctx, names[i:i+1])
			if err != nil {
				return nil, err
			}
			now[i] = state[0]
		}
		changed = changed || now[i].Flags != last[i].Flags
	}
	if changed {
		return now, nil
	}
	var timer <-chan time.Time
	if timeout != pcsc.Forever {
		timer = time.After(timeout)
	}
	select {
	case <-timer:
		return last, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (e established) Connect(_ context.Context, name string) (pcsc.Card, error) {
	slot := e.slot(name)
	switch {
	case slot == nil:
		return nil, &pcsc.Error{Call: "Connect", Code: pcsc.CodeUnknownReader}
	case slot.ConnectFails != 0:
		return nil, &pcsc.Error{Call: "Connect", Code: slot.ConnectFails}
	case slot.empty():
		return nil, &pcsc.Error{Call: "Connect", Code: pcsc.CodeNoSmartcard}
	}
	return &connection{slot: slot}, nil
}

func (e established) slot(name string) *Slot {
	for _, s := range e.Slots {
		if s.Name == name {
			return s
		}
	}
	return nil
}

type connection struct{ slot *Slot }

func (c *connection) Begin(context.Context) error { return nil }
func (c *connection) Close(pcsc.Disposition)      {}

func (c *connection) Reconnect(context.Context, pcsc.Disposition) error {
	if c.slot.empty() {
		return &pcsc.Error{Call: "Reconnect", Code: pcsc.CodeRemovedCard}
	}
	c.slot.Card.Reset()
	return nil
}

func (c *connection) Transmit(_ context.Context, cmd apdu.Command) ([]byte, error) {
	if c.slot.empty() {
		return nil, &pcsc.Error{Call: "Transmit", Code: pcsc.CodeRemovedCard}
	}
	c.slot.sent.Add(1)
	return c.slot.Card.Transmit(cmd.Bytes()), nil
}
