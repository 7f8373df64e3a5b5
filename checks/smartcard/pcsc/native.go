package pcsc

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"etax-doctor/checks/smartcard/apdu"
)

// native is this machine's PC/SC: a binding in which every call has a deadline and no panic escapes.
type native struct{ library library }

func (n native) Establish(ctx context.Context) (Context, error) {
	c, err := withDeadline(ctx, "EstablishContext", n.library.establish, func(c contextHandle) { _ = c.release() })
	if err != nil {
		return nil, err
	}
	return &nativeContext{handle: c}, nil
}

// nativeContext counts its calls that have not returned. While pcsc-lite waits for a context that is in a call, it
// holds a lock of the whole process. So Release and Close first wait here, outside pcsc-lite, until no call is running.
type nativeContext struct {
	handle contextHandle
	calls  sync.WaitGroup
	closes sync.WaitGroup // cards that are being given back
}

// contextCall is withDeadline for calls of one context.
func contextCall[T any](ctx context.Context, c *nativeContext, call string, run func() (T, error), abandon func(T)) (T, error) {
	if ctx.Err() != nil {
		var zero T
		return zero, &DeadlineError{Call: call}
	}
	c.calls.Add(1) // before the call begins, so that Release does not miss it
	return startCall(ctx, call, func() (T, error) {
		defer c.calls.Done()
		return run()
	}, abandon)
}

func (c *nativeContext) Readers(ctx context.Context) ([]string, error) {
	names, err := contextCall(ctx, c, "ListReaders", c.handle.listReaders, nil)
	if CodeOf(err) == CodeNoReaders {
		return nil, nil
	}
	return names, err
}

func (c *nativeContext) States(ctx context.Context, readers []string) ([]State, error) {
	return c.statusChange(ctx, readers, make([]State, len(readers)), 0)
}

func (c *nativeContext) Wait(ctx context.Context, readers []string, last []State, timeout time.Duration) ([]State, error) {
	call, returned := context.WithCancel(context.WithoutCancel(ctx))
	defer returned()
	stop := context.AfterFunc(ctx, func() {
		// A service that does not answer at all does not answer a cancel either.
		defer time.AfterFunc(cancelTimeout, returned).Stop()
		go c.cancelUntil(call)
		<-call.Done()
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
	cancelPause   = 50 * time.Millisecond
	cancelTimeout = 500 * time.Millisecond
)

// cancelUntil repeats the cancel until the waiting call returns: a cancel that comes before the call has begun to wait
// is lost.
func (c *nativeContext) cancelUntil(call context.Context) {
	defer func() { _ = recover() }()
	for call.Err() == nil {
		_ = c.handle.cancel()
		select {
		case <-call.Done():
		case <-time.After(cancelPause):
		}
	}
}

func (c *nativeContext) statusChange(ctx context.Context, readers []string, last []State, timeout time.Duration) ([]State, error) {
	if len(readers) == 0 {
		return nil, nil // nothing to ask, and ebfe/scard panics on an empty list
	}
	query := make([]readerState, len(readers))
	for i, name := range readers {
		query[i] = readerState{name: name, current: last[i].event}
	}
	answer, err := contextCall(ctx, c, "GetStatusChange", func() ([]readerState, error) {
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
	card, err := contextCall(ctx, c, "Connect", func() (cardHandle, error) { return c.handle.connect(reader) },
		func(card cardHandle) { _ = card.disconnect() })
	if err != nil {
		return nil, err
	}
	return &nativeCard{context: c, handle: card}, nil
}

// Release releases the context in the background, after all its calls have returned.
func (c *nativeContext) Release() {
	go func() {
		defer func() { _ = recover() }()
		c.closes.Wait()
		c.calls.Wait()
		_ = c.handle.release()
	}()
}

// nativeCard makes its calls one after the other, in the order in which they were requested. A call that ran past its
// deadline still returns before the next one begins.
type nativeCard struct {
	context       *nativeContext
	handle        cardHandle
	inTransaction atomic.Bool   // a transaction is open
	lastReturned  chan struct{} // closed when the last call has returned; nil before the first
}

func (c *nativeCard) Begin(ctx context.Context) error {
	return c.do(ctx, "BeginTransaction", func() error {
		err := c.handle.begin()
		if err == nil {
			c.inTransaction.Store(true) // also if the caller has stopped waiting
		}
		return err
	})
}

func (c *nativeCard) Reconnect(ctx context.Context, d Disposition) error {
	return c.do(ctx, "Reconnect", func() error {
		if c.inTransaction.Swap(false) {
			_ = c.handle.end(d)
		}
		return c.handle.reconnect()
	})
}

func (c *nativeCard) Transmit(ctx context.Context, cmd apdu.Command) ([]byte, error) {
	raw := cmd.Bytes()
	if len(raw) == 0 {
		return nil, &PanicError{Call: "Transmit"} // ebfe/scard panics on an empty command
	}
	return enqueue(ctx, c, "Transmit", func() ([]byte, error) { return c.handle.transmit(raw) })
}

// Close waits, at most CloseDeadline, until the card is given back: if the process ends with an open transaction, pcscd
// resets the card while other programs use it. A call that ran past its deadline must return first.
func (c *nativeCard) Close(d Disposition) {
	ctx, cancel := context.WithTimeout(context.Background(), CloseDeadline)
	defer cancel()
	c.context.closes.Add(1)
	_, _ = startCall(ctx, "Disconnect", func() (struct{}, error) {
		defer c.context.closes.Done()
		c.context.calls.Wait()
		if c.inTransaction.Load() {
			_ = c.handle.end(d)
		}
		return struct{}{}, c.handle.disconnect()
	}, nil)
}

func (c *nativeCard) do(ctx context.Context, call string, run func() error) error {
	_, err := enqueue(ctx, c, call, func() (struct{}, error) { return struct{}{}, run() })
	return err
}

// enqueue is contextCall, but first waits for the card's earlier calls. It makes no call if ctx ends before the call's turn.
func enqueue[T any](ctx context.Context, c *nativeCard, call string, run func() (T, error)) (T, error) {
	if ctx.Err() != nil {
		var zero T
		return zero, &DeadlineError{Call: call}
	}
	// From here on, the call has a place in the order, and its goroutine is started even if ctx ends.
	before, returned := c.lastReturned, make(chan struct{})
	c.lastReturned = returned
	c.context.calls.Add(1)
	return startCall(ctx, call, func() (T, error) {
		defer c.context.calls.Done()
		defer close(returned)
		if before != nil {
			<-before
		}
		if ctx.Err() != nil {
			var zero T
			return zero, &DeadlineError{Call: call}
		}
		return run()
	}, nil)
}
