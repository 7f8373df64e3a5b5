package pcsc

import "time"

// library is a minimal PC/SC binding: no deadlines, no recovery from panics, no shared state. Its errors are *Error.
// [native] adds what is missing.
type library interface {
	establish() (contextHandle, error)
}

type contextHandle interface {
	listReaders() ([]string, error)
	// statusChange fills in event and ATR. A negative timeout means no limit.
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

// cardHandle uses SCARD_LEAVE_CARD in every call that has a disposition, except in end.
type cardHandle interface {
	begin() error
	end(d Disposition) error
	reconnect() error
	disconnect() error
	transmit(cmd []byte) ([]byte, error)
}

// whileTooSmall repeats a call that first asks for a size: a reader that appears in between makes the buffer too small.
func whileTooSmall[T any](call func() (T, error)) (value T, err error) {
	for range 5 {
		if value, err = call(); CodeOf(err) != CodeInsufficientBuffer {
			break
		}
	}
	return value, err
}
