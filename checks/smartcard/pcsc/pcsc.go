// Package pcsc is the only package that calls PC/SC, and the only importer of ebfe/scard. It adds what that library
// lacks: no panic escapes, every call has a deadline (SCardConnect too, which blocks without an error while another
// program holds a transaction), the share mode is always shared, and a card is never reset, except with [ResetCard].
//
// [System] is an interface so that the simulated machines are checked by the same code.
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
	// Establish opens a context. A blocked call delays the other calls of the same context, so a reader that may block
	// needs its own context.
	Establish(ctx context.Context) (Context, error)
}

// Context is an established PC/SC context.
type Context interface {
	// Readers lists the names of all slots. If there are none, the list is empty and there is no error.
	Readers(ctx context.Context) ([]string, error)
	// States returns the present state flags of the readers, in the same order, without waiting.
	States(ctx context.Context, readers []string) ([]State, error)
	// Wait returns the states as soon as one differs from last; a zero State in last makes it return at once. After
	// timeout ([Forever] for none), it returns last. With [PnP] among the readers, it also waits for readers to be
	// added or removed. If ctx ends, it returns ctx's own error within a second.
	Wait(ctx context.Context, readers []string, last []State, timeout time.Duration) ([]State, error)
	// Connect connects in shared mode.
	Connect(ctx context.Context, reader string) (Card, error)
	Release()
}

// Disposition says what happens to a card at the end of its transaction.
type Disposition bool

// Two of the dispositions of winscard.h are used. ResetCard is for the one case where it does less harm: see package
// card, attempts.leave.
const (
	LeaveCard Disposition = false
	ResetCard Disposition = true
)

// Card is a connection to a card. Close ends its transaction; it must have returned before the process ends.
type Card interface {
	apdu.Transmitter
	// Begin starts a transaction, waiting for other programs' transactions to end.
	Begin(ctx context.Context) error
	// Reconnect connects to the card again after another program reset it. The transaction is lost.
	Reconnect(ctx context.Context, d Disposition) error
	Close(d Disposition)
}

// PnP is the name of the pseudo reader whose state changes when readers come or go.
const PnP = `\\?PnP?\Notification`

// CloseDeadline is the longest that [Card.Close] takes.
const CloseDeadline = time.Second

// Forever is a timeout without limit.
const Forever time.Duration = -1

// State is what SCardGetStatusChange reports about one reader.
type State struct {
	Flags StateFlags
	ATR   []byte

	event uint32 // the whole value, with its event counter, to pass back to PC/SC
}

// Changes counts how often a card was put on or taken off so far. If a card is present in two states with different
// counts, it was taken off and put back, or it is another card.
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

// Code is a PC/SC return code, or a Win32 error that PC/SC passed on.
type Code uint32

// Codes of winscard.h that the product or its tests name.
const (
	CodeInvalidHandle      Code = 0x80100003
	CodeInsufficientBuffer Code = 0x80100008
	CodeUnknownReader      Code = 0x80100009
	CodeTimeout            Code = 0x8010000A
	CodeSharingViolation   Code = 0x8010000B
	CodeNoSmartcard        Code = 0x8010000C
	CodeProtoMismatch      Code = 0x8010000F
	CodeCommError          Code = 0x80100013
	CodeNotTransacted      Code = 0x80100016
	CodeReaderUnavailable  Code = 0x80100017
	CodeNoService          Code = 0x8010001D
	CodeServiceStopped     Code = 0x8010001E
	CodeNoReaders          Code = 0x8010002E
	CodeCommDataLost       Code = 0x8010002F
	CodeUnsupportedCard    Code = 0x80100065
	CodeUnresponsiveCard   Code = 0x80100066
	CodeUnpoweredCard      Code = 0x80100067
	CodeResetCard          Code = 0x80100068
	CodeRemovedCard        Code = 0x80100069
	CodeBrokenPipe         Code = 0x109 // Win32: a remote session without smart card redirection
)

// newError is the error of a failed call. Windows gives some losses of the service as plain Win32 codes.
func newError(call string, code Code) *Error {
	switch code {
	case 6, 0x6BA, 0x6BE: // ERROR_INVALID_HANDLE, RPC_S_SERVER_UNAVAILABLE, RPC_S_CALL_FAILED
		code = CodeInvalidHandle
	}
	return &Error{Call: call, Code: code}
}

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

// PanicError says that a panic inside the PC/SC library was caught.
type PanicError struct{ Call string }

func (e *PanicError) Error() string { return "PC/SC " + e.Call + " crashed" }

// ErrNotBuilt says that this program was built without PC/SC.
var ErrNotBuilt = errors.New("this program was built without PC/SC")

// withDeadline makes a call that may block for ever, unless ctx has ended already. If ctx ends first and the call
// returns later, abandon gets the value to release it.
func withDeadline[T any](ctx context.Context, call string, run func() (T, error), abandon func(T)) (T, error) {
	if ctx.Err() != nil {
		var zero T
		return zero, &DeadlineError{Call: call}
	}
	return startCall(ctx, call, run, abandon)
}

// startCall is withDeadline for a call that is started even if ctx has ended already.
func startCall[T any](ctx context.Context, call string, run func() (T, error), abandon func(T)) (T, error) {
	value, err := bounded.Call(ctx, 0, run, abandon)
	switch err {
	case bounded.ErrCrashed:
		err = &PanicError{Call: call}
	case context.DeadlineExceeded, context.Canceled:
		err = &DeadlineError{Call: call}
	}
	return value, err
}
