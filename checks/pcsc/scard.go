//go:build windows || (linux && cgo)

package pcsc

import (
	"context"
	"errors"
	"time"

	"github.com/ebfe/scard"

	"etax-doctor/checks/apdu"
)

// New returns this machine's PC/SC.
func New() System { return native{} }

type native struct{}

func (native) Establish(ctx context.Context) (Context, error) {
	c, err := bounded(ctx, "EstablishContext", scard.EstablishContext, func(c *scard.Context) { _ = c.Release() })
	if err != nil {
		return nil, named("EstablishContext", err)
	}
	return &nativeContext{scard: c}, nil
}

type nativeContext struct{ scard *scard.Context }

func (c *nativeContext) Readers(ctx context.Context) ([]string, error) {
	names, err := bounded(ctx, "ListReaders", c.scard.ListReaders, nil)
	if err = named("ListReaders", err); CodeOf(err) == CodeNoReaders {
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
			_ = c.scard.Cancel()
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
		return nil, nil // the library panics on an empty list
	}
	query := make([]scard.ReaderState, len(readers))
	for i, name := range readers {
		query[i] = scard.ReaderState{Reader: name, CurrentState: scard.StateFlag(last[i].event)}
	}
	answer, err := bounded(ctx, "GetStatusChange", func() ([]scard.ReaderState, error) {
		return query, c.scard.GetStatusChange(query, timeout)
	}, nil)
	if err != nil {
		return nil, named("GetStatusChange", err)
	}
	states := make([]State, len(answer))
	for i, s := range answer {
		states[i] = State{Flags: StateFlags(s.EventState & 0xFFFF), ATR: s.Atr, event: uint32(s.EventState)}
	}
	return states, nil
}

func (c *nativeContext) Connect(ctx context.Context, reader string) (Card, error) {
	card, err := bounded(ctx, "Connect", func() (*scard.Card, error) {
		return c.scard.Connect(reader, scard.ShareShared, scard.ProtocolAny)
	}, func(card *scard.Card) { _ = card.Disconnect(scard.LeaveCard) })
	if err != nil {
		return nil, named("Connect", err)
	}
	return &nativeCard{scard: card}, nil
}

// Release gives the context back. It does not wait: a call that is still blocked holds the context.
func (c *nativeContext) Release() {
	go func() {
		defer func() { _ = recover() }()
		_ = c.scard.Release()
	}()
}

type nativeCard struct {
	scard *scard.Card
	began bool
}

func (c *nativeCard) Begin(ctx context.Context) error {
	if err := c.do(ctx, "BeginTransaction", c.scard.BeginTransaction); err != nil {
		return err
	}
	c.began = true
	return nil
}

func (c *nativeCard) Reconnect(ctx context.Context) error {
	c.began = false
	return c.do(ctx, "Reconnect", func() error {
		return c.scard.Reconnect(scard.ShareShared, scard.ProtocolAny, scard.LeaveCard)
	})
}

func (c *nativeCard) Transmit(ctx context.Context, cmd apdu.Command) ([]byte, error) {
	if len(cmd.Bytes()) == 0 {
		return nil, &PanicError{Call: "Transmit"} // the library would index an empty command
	}
	var reply []byte
	err := c.do(ctx, "Transmit", func() (err error) {
		reply, err = c.scard.Transmit(cmd.Bytes())
		return err
	})
	if err != nil {
		return nil, err
	}
	return reply, nil
}

// Close waits, but not for ever, until the card is given back: a process that ends with a transaction open makes
// pcscd reset the card under everybody's hands. A call that was left behind has to end first.
func (c *nativeCard) Close() {
	ctx, cancel := context.WithTimeout(context.Background(), CloseDeadline)
	defer cancel()
	_ = c.do(ctx, "Disconnect", func() error {
		if c.began {
			_ = c.scard.EndTransaction(scard.LeaveCard)
		}
		return c.scard.Disconnect(scard.LeaveCard)
	})
}

func (c *nativeCard) do(ctx context.Context, call string, run func() error) error {
	_, err := bounded(ctx, call, func() (struct{}, error) { return struct{}{}, run() }, nil)
	return named(call, err)
}

// named turns the library's numbers into our Error. They are compared as numbers: the library gives two names the
// same value, and its texts are localised on Windows.
func named(call string, err error) error {
	var code scard.Error
	if errors.As(err, &code) {
		return &Error{Call: call, Code: Code(uint32(code))}
	}
	return err
}
