// Package pcsc is the one place that talks to PC/SC, and the only importer of ebfe/scard. What that library leaves
// open is closed here: no panic escapes, every call has a deadline (SCardConnect too, which blocks without an error
// while another program holds a transaction), the share mode is always shared, and a card is always left as it was.
//
// [System] is an interface so that the simulated machines are checked by the very same code.
package pcsc

import (
	"context"
	"errors"
	"fmt"
	"time"

	"etax-doctor/checks/bounded"
	"etax-doctor/checks/smartcard/apdu"
)

// System gives access to a machine's readers.
type System interface {
	// Establish opens a context. Blocked calls of one context hold up its other calls, so a reader that may block
	// gets a context of its own.
	Establish(ctx context.Context) (Context, error)
}

// Context is an established PC/SC context.
type Context interface {
	// Readers lists the names of all slots; none is an empty list and no error.
	Readers(ctx context.Context) ([]string, error)
	// States returns the present state flags of the readers, in the same order, without waiting.
	States(ctx context.Context, readers []string) ([]State, error)
	// Wait returns the states when one differs from the last known, for a zero State at once, and the last known ones
	// after timeout ([Forever] for none). Naming [PnP] among the readers waits for readers to come and go too. It ends
	// with ctx's own error, within a second, when ctx ends.
	Wait(ctx context.Context, readers []string, last []State, timeout time.Duration) ([]State, error)
	// Connect connects in shared mode.
	Connect(ctx context.Context, reader string) (Card, error)
	Release()
}

// Disposition is what becomes of a card whose transaction ends.
type Disposition bool

// Of the dispositions of winscard.h, two are used. ResetCard is for the one case in which it is the lesser harm: see
// package card.
const (
	LeaveCard Disposition = false
	ResetCard Disposition = true
)

// Card is a connection to a card. Close ends its transaction; it must have returned before the process ends.
type Card interface {
	apdu.Transmitter
	// Begin starts a transaction, waiting for other programs' transactions to end.
	Begin(ctx context.Context) error
	// Reconnect takes the card up again after another program reset it. The transaction is lost.
	Reconnect(ctx context.Context, d Disposition) error
	Close(d Disposition)
}

// PnP is the name of the pseudo reader whose state changes when readers come or go.
const PnP = `\\?PnP?\Notification`

// CloseDeadline is the longest that [Card.Close] takes.
const CloseDeadline = time.Second

// Forever is a timeout that never comes.
const Forever time.Duration = -1

// State is what SCardGetStatusChange says of one reader.
type State struct {
	Flags StateFlags
	ATR   []byte

	event uint32 // the whole value, with its event counter, to hand back to PC/SC
}

// Changes counts the cards put on and taken off so far. A card that is there twice with another count in between was
// taken off and put back, or is another one.
func (s State) Changes() uint32 { return s.event >> 16 }

// StateFlags are the SCARD_STATE_* bits; the high 16 bits (an event counter) are cut off.
type StateFlags uint32

// The flags of winscard.h.
const (
	StateUnknown     StateFlags = 0x0004
	StateUnavailable StateFlags = 0x0008
	StateEmpty       StateFlags = 0x0010
	StatePresent     StateFlags = 0x0020
	StateExclusive   StateFlags = 0x0080
	StateInUse       StateFlags = 0x0100
	StateMute        StateFlags = 0x0200
)

// Has reports whether all given flags are set.
func (s StateFlags) Has(f StateFlags) bool { return s&f == f }

// Code is a PC/SC return code, or a Win32 error that came through it.
type Code uint32

// Codes of winscard.h that the product or its tests name.
const (
	CodeInvalidHandle     Code = 0x80100003
	CodeUnknownReader     Code = 0x80100009
	CodeTimeout           Code = 0x8010000A
	CodeSharingViolation  Code = 0x8010000B
	CodeNoSmartcard       Code = 0x8010000C
	CodeProtoMismatch     Code = 0x8010000F
	CodeCommError         Code = 0x80100013
	CodeNotTransacted     Code = 0x80100016
	CodeReaderUnavailable Code = 0x80100017
	CodeNoService         Code = 0x8010001D
	CodeServiceStopped    Code = 0x8010001E
	CodeNoReaders         Code = 0x8010002E
	CodeCommDataLost      Code = 0x8010002F
	CodeUnsupportedCard   Code = 0x80100065
	CodeUnresponsiveCard  Code = 0x80100066
	CodeUnpoweredCard     Code = 0x80100067
	CodeResetCard         Code = 0x80100068
	CodeRemovedCard       Code = 0x80100069
	CodeBrokenPipe        Code = 0x109 // Win32: a remote session without smart card redirection
)

// Error is a failed PC/SC call.
type Error struct {
	Call string // the PC/SC function without its SCard prefix, e.g. Connect
	Code Code
}

// The library's own texts are localised on Windows, so none of them is used.
func (e *Error) Error() string { return fmt.Sprintf("PC/SC %s: %08X", e.Call, uint32(e.Code)) }

// CodeOf returns the PC/SC code in err, or 0.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// DeadlineError says that a call did not come back in time. The call may still be running.
type DeadlineError struct{ Call string }

func (e *DeadlineError) Error() string { return "PC/SC " + e.Call + " did not answer in time" }

// Unwrap makes errors.Is(err, context.DeadlineExceeded) true.
func (e *DeadlineError) Unwrap() error { return context.DeadlineExceeded }

// PanicError is a panic inside the PC/SC library, caught.
type PanicError struct{ Call string }

func (e *PanicError) Error() string { return "PC/SC " + e.Call + " crashed" }

// ErrNotBuilt says that this program was built without PC/SC.
var ErrNotBuilt = errors.New("this program was built without PC/SC")

// withDeadline makes a call that may block for ever, unless ctx has ended already. When ctx ends first, abandon is told to
// give back what the call still returns, if it ever does.
func withDeadline[T any](ctx context.Context, call string, run func() (T, error), abandon func(T)) (T, error) {
	if ctx.Err() != nil {
		var zero T
		return zero, &DeadlineError{Call: call}
	}
	return begun(ctx, call, run, abandon)
}

// begun is withDeadline for a call that is begun whatever ctx says.
func begun[T any](ctx context.Context, call string, run func() (T, error), abandon func(T)) (T, error) {
	value, err := bounded.Call(ctx, 0, run, abandon)
	switch err {
	case bounded.ErrCrashed:
		err = &PanicError{Call: call}
	case context.DeadlineExceeded, context.Canceled:
		err = &DeadlineError{Call: call}
	}
	return value, err
}
