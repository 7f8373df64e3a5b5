package pcsc

import (
	"context"
	"time"

	"etax-doctor/checks/apdu"
)

// native is this machine's PC/SC: a binding with a deadline on every call and no panic that escapes.
type native struct{ library library }

func (n native) Establish(ctx context.Context) (Context, error) {
	c, err := bounded(ctx, "EstablishContext", n.library.establish, func(c contextHandle) { _ = c.release() })
	if err != nil {
		return nil, err
	}
	return &nativeContext{handle: c}, nil
}

type nativeContext struct{ handle contextHandle }

func (c *nativeContext) Readers(ctx context.Context) ([]string, error) {
	names, err := bounded(ctx, "ListReaders", c.handle.listReaders, nil)
	if CodeOf(err) == CodeNoReaders {
		return nil, nil
	}
	return names, err
}

func (c *nativeContext) States(ctx context.Context, readers []string) ([]State, error) {
	return c.statusChange(ctx, readers, make([]State, len(readers)), 0)
}

func (c *nativeContext) Wait(ctx context.Context, readers []string, last []State, timeout time.Duration) ([]State, error) {
	// Cancelling is asked for until the call returns: a cancel that comes before the call has begun to wait is lost.
	call, returned := context.WithCancel(context.WithoutCancel(ctx))
	defer returned()
	stop := context.AfterFunc(ctx, func() {
		defer func() { _ = recover() }()
		defer returned()
		for range cancelAttempts {
			_ = c.handle.cancel()
			select {
			case <-call.Done():
				return
			case <-time.After(cancelPause):
			}
		}
	})
	defer stop()
	states, err := c.statusChange(call, readers, last, timeout)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case CodeOf(err) == CodeTimeout:
		return last, nil
	}
	return states, err
}

const (
	cancelAttempts = 10
	cancelPause    = 50 * time.Millisecond
)

func (c *nativeContext) statusChange(ctx context.Context, readers []string, last []State, timeout time.Duration) ([]State, error) {
	if len(readers) == 0 {
		return nil, nil // an empty list is no question, and ebfe/scard panics on it
	}
	query := make([]readerState, len(readers))
	for i, name := range readers {
		query[i] = readerState{name: name, current: last[i].event}
	}
	answer, err := bounded(ctx, "GetStatusChange", func() ([]readerState, error) {
		return query, c.handle.statusChange(query, timeout)
	}, nil)
	if err != nil {
		return nil, err
	}
	states := make([]State, len(answer))
	for i, s := range answer {
		states[i] = State{Flags: StateFlags(s.event & 0xFFFF), ATR: s.atr, event: s.event}
	}
	return states, nil
}

func (c *nativeContext) Connect(ctx context.Context, reader string) (Card, error) {
	card, err := bounded(ctx, "Connect", func() (cardHandle, error) { return c.handle.connect(reader) },
		func(card cardHandle) { _ = card.disconnect() })
	if err != nil {
		return nil, err
	}
	return &nativeCard{handle: card}, nil
}

// Release gives the context back. It does not wait: a call that is still blocked holds the context.
func (c *nativeContext) Release() {
	go func() {
		defer func() { _ = recover() }()
		_ = c.handle.release()
	}()
}

type nativeCard struct {
	handle cardHandle
	began  bool
}

func (c *nativeCard) Begin(ctx context.Context) error {
	if err := c.do(ctx, "BeginTransaction", c.handle.begin); err != nil {
		return err
	}
	c.began = true
	return nil
}

func (c *nativeCard) Reconnect(ctx context.Context) error {
	c.began = false
	return c.do(ctx, "Reconnect", c.handle.reconnect)
}

func (c *nativeCard) Transmit(ctx context.Context, cmd apdu.Command) ([]byte, error) {
	if len(cmd.Bytes()) == 0 {
		return nil, &PanicError{Call: "Transmit"} // ebfe/scard would index an empty command
	}
	return bounded(ctx, "Transmit", func() ([]byte, error) { return c.handle.transmit(cmd.Bytes()) }, nil)
}

// Close waits, but not for ever, until the card is given back: a process that ends with a transaction open makes
// pcscd reset the card under everybody's hands. A call that was left behind has to end first.
func (c *nativeCard) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), CloseDeadline)
	defer cancel()
	_ = c.do(ctx, "Disconnect", func() error {
		if c.began {
			_ = c.handle.end()
		}
		return c.handle.disconnect()
	})
}

func (c *nativeCard) do(ctx context.Context, call string, run func() error) error {
	_, err := bounded(ctx, call, func() (struct{}, error) { return struct{}{}, run() }, nil)
	return err
}
