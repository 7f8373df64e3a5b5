//go:build (linux || darwin) && cgo

package pcsc

import (
	"errors"
	"time"

	"github.com/ebfe/scard"
)

// New returns this machine's PC/SC.
func New() System { return native{ebfe{}} }

// ebfe is libpcsclite, or macOS' PCSC framework, through ebfe/scard.
type ebfe struct{}

func (ebfe) establish() (contextHandle, error) {
	c, err := scard.EstablishContext()
	if err != nil {
		return nil, named("EstablishContext", err)
	}
	return ebfeContext{c}, nil
}

type ebfeContext struct{ *scard.Context }

func (c ebfeContext) listReaders() ([]string, error) {
	return whileTooSmall(func() ([]string, error) {
		names, err := c.ListReaders()
		return names, named("ListReaders", err)
	})
}

func (c ebfeContext) statusChange(states []readerState, timeout time.Duration) error {
	query := make([]scard.ReaderState, len(states))
	for i, s := range states {
		query[i] = scard.ReaderState{Reader: s.name, CurrentState: scard.StateFlag(s.current)}
	}
	if err := c.GetStatusChange(query, timeout); err != nil {
		return named("GetStatusChange", err)
	}
	for i := range states {
		states[i].event, states[i].atr = uint32(query[i].EventState), query[i].Atr
	}
	return nil
}

func (c ebfeContext) connect(reader string) (cardHandle, error) {
	card, err := c.Connect(reader, scard.ShareShared, scard.ProtocolAny)
	if err != nil {
		return nil, named("Connect", err)
	}
	return ebfeCard{card}, nil
}

func (c ebfeContext) cancel() error  { return named("Cancel", c.Cancel()) }
func (c ebfeContext) release() error { return named("ReleaseContext", c.Release()) }

type ebfeCard struct{ *scard.Card }

func (c ebfeCard) begin() error      { return named("BeginTransaction", c.BeginTransaction()) }
func (c ebfeCard) disconnect() error { return named("Disconnect", c.Disconnect(scard.LeaveCard)) }

func (c ebfeCard) end(d Disposition) error {
	if d == ResetCard {
		return named("EndTransaction", c.EndTransaction(scard.ResetCard))
	}
	return named("EndTransaction", c.EndTransaction(scard.LeaveCard))
}

func (c ebfeCard) reconnect() error {
	return named("Reconnect", c.Reconnect(scard.ShareShared, scard.ProtocolAny, scard.LeaveCard))
}

func (c ebfeCard) transmit(cmd []byte) ([]byte, error) {
	reply, err := c.Transmit(cmd)
	return reply, named("Transmit", err)
}

// named turns the library's error codes into an [Error]. It uses their numbers, because the library gives two names the
// same value.
func named(call string, err error) error {
	var code scard.Error
	if errors.As(err, &code) {
		return newError(call, Code(uint32(code)))
	}
	return err
}
