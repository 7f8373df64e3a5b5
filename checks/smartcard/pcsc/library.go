package pcsc

import "time"

// library is a PC/SC binding as thin as it can be: no deadline, no recovery, nothing shared. Its errors are *Error.
// [native] puts what is missing around it.
type library interface {
	establish() (contextHandle, error)
}

type contextHandle interface {
	listReaders() ([]string, error)
	// statusChange fills in event and ATR. A negative timeout is for ever.
	statusChange(states []readerState, timeout time.Duration) error
	// connect connects in shared mode, with T=0 or T=1.
	connect(reader string) (cardHandle, error)
	cancel() error
	release() error
}

type readerState struct {
	name    string
	current uint32
	event   uint32
	atr     []byte
}

// cardHandle leaves the card as it is in every call that could do otherwise, but for the end of a transaction.
type cardHandle interface {
	begin() error
	end(d Disposition) error
	reconnect() error
	disconnect() error
	transmit(cmd []byte) ([]byte, error)
}
