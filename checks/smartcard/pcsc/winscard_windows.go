package pcsc

import (
	"runtime"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// New returns this machine's PC/SC.
//
// On Windows, this package has its own binding. ebfe/scard panics at program start if winscard.dll or one of its
// symbols is missing, so that this fault could not be reported. It also passes names to GetStatusChange that the
// garbage collector may already have freed.
func New() System { return native{winscard{}} }

var (
	dll                  = windows.NewLazySystemDLL("winscard.dll")
	scardEstablish       = dll.NewProc("SCardEstablishContext")
	scardRelease         = dll.NewProc("SCardReleaseContext")
	scardListReaders     = dll.NewProc("SCardListReadersW")
	scardGetStatusChange = dll.NewProc("SCardGetStatusChangeW")
	scardCancel          = dll.NewProc("SCardCancel")
	scardConnect         = dll.NewProc("SCardConnectW")
	scardReconnect       = dll.NewProc("SCardReconnect")
	scardDisconnect      = dll.NewProc("SCardDisconnect")
	scardBegin           = dll.NewProc("SCardBeginTransaction")
	scardEnd             = dll.NewProc("SCardEndTransaction")
	scardTransmit        = dll.NewProc("SCardTransmit")
)

// Values of winscard.h.
const (
	scopeSystem   = 2
	shareShared   = 2
	protocolT0T1  = 1 | 2
	leaveCard     = 0
	resetCard     = 1
	infinite      = 0xFFFFFFFF
	maxATR        = 36
	largestReply  = 64<<10 + 2
	mostReaderLen = 64 << 10 // UTF-16 units in the list of readers; a longer list is not read
)

// call makes one call; a missing library or function is an error, not a panic. The memory that the arguments point to
// must be on the heap, because loading the library may move this goroutine's stack.
//
//go:uintptrescapes
func call(proc *windows.LazyProc, name string, args ...uintptr) error {
	if proc.Find() != nil {
		return ErrNotBuilt
	}
	result, _, _ := proc.Call(args...)
	// The functions return a LONG (32 bits); the bits above it have no meaning.
	if code := Code(uint32(result)); code != 0 {
		return newError(name, code)
	}
	return nil
}

type winscard struct{}

func (winscard) establish() (contextHandle, error) {
	var c winContext
	if err := call(scardEstablish, "EstablishContext", scopeSystem, 0, 0, uintptr(unsafe.Pointer(&c))); err != nil {
		return nil, err
	}
	return c, nil
}

type winContext uintptr

func (c winContext) listReaders() ([]string, error) {
	return whileTooSmall(func() ([]string, error) {
		var length uint32
		if err := call(scardListReaders, "ListReaders", uintptr(c), 0, 0, uintptr(unsafe.Pointer(&length))); err != nil {
			return nil, err
		}
		if length == 0 || length > mostReaderLen {
			return nil, nil
		}
		buffer := make([]uint16, length)
		err := call(scardListReaders, "ListReaders", uintptr(c), 0, uintptr(unsafe.Pointer(&buffer[0])), uintptr(unsafe.Pointer(&length)))
		if err != nil {
			return nil, err
		}
		return multiString(buffer[:min(int(length), len(buffer))]), nil
	})
}

// multiString splits a list of strings that each end with a NUL.
func multiString(units []uint16) (list []string) {
	start := 0
	for i, u := range units {
		if u != 0 {
			continue
		}
		if i > start {
			list = append(list, windows.UTF16ToString(units[start:i]))
		}
		start = i + 1
	}
	return list
}

// winReaderState is SCARD_READERSTATEW.
type winReaderState struct {
	reader   *uint16
	userData uintptr
	current  uint32
	event    uint32
	atrLen   uint32
	atr      [maxATR]byte
}

func (c winContext) statusChange(states []readerState, timeout time.Duration) error {
	query := make([]winReaderState, len(states))
	for i, s := range states {
		name, err := windows.UTF16PtrFromString(s.name)
		if err != nil {
			return &Error{Call: "GetStatusChange", Code: CodeUnknownReader}
		}
		query[i].reader, query[i].current = name, s.current
	}
	wait := uintptr(infinite)
	if timeout >= 0 {
		wait = uintptr(timeout.Milliseconds())
	}
	err := call(scardGetStatusChange, "GetStatusChange", uintptr(c), wait, uintptr(unsafe.Pointer(&query[0])), uintptr(len(query)))
	runtime.KeepAlive(query) // and so the names in it
	if err != nil {
		return err
	}
	for i, q := range query {
		states[i].event = q.event
		states[i].atr = append([]byte(nil), q.atr[:min(q.atrLen, maxATR)]...)
	}
	return nil
}

func (c winContext) connect(reader string) (cardHandle, error) {
	name, err := windows.UTF16PtrFromString(reader)
	if err != nil {
		return nil, &Error{Call: "Connect", Code: CodeUnknownReader}
	}
	card := &winCard{}
	err = call(scardConnect, "Connect", uintptr(c), uintptr(unsafe.Pointer(name)), shareShared, protocolT0T1,
		uintptr(unsafe.Pointer(&card.handle)), uintptr(unsafe.Pointer(&card.protocol)))
	runtime.KeepAlive(name)
	if err != nil {
		return nil, err
	}
	return card, nil
}

func (c winContext) cancel() error  { return call(scardCancel, "Cancel", uintptr(c)) }
func (c winContext) release() error { return call(scardRelease, "ReleaseContext", uintptr(c)) }

type winCard struct {
	handle   uintptr
	protocol uint32
}

func (c *winCard) begin() error { return call(scardBegin, "BeginTransaction", c.handle) }
func (c *winCard) end(d Disposition) error {
	if d == ResetCard {
		return call(scardEnd, "EndTransaction", c.handle, resetCard)
	}
	return call(scardEnd, "EndTransaction", c.handle, leaveCard)
}
func (c *winCard) disconnect() error {
	return call(scardDisconnect, "Disconnect", c.handle, leaveCard)
}

func (c *winCard) reconnect() error {
	return call(scardReconnect, "Reconnect", c.handle, shareShared, protocolT0T1, leaveCard, uintptr(unsafe.Pointer(&c.protocol)))
}

// ioRequest is SCARD_IO_REQUEST. With our own value, the constants that winscard.dll exports are not needed.
type ioRequest struct{ protocol, length uint32 }

func (c *winCard) transmit(cmd []byte) ([]byte, error) {
	request := ioRequest{c.protocol, uint32(unsafe.Sizeof(ioRequest{}))}
	reply := make([]byte, largestReply)
	length := uint32(len(reply))
	err := call(scardTransmit, "Transmit", c.handle, uintptr(unsafe.Pointer(&request)), uintptr(unsafe.Pointer(&cmd[0])), uintptr(len(cmd)),
		0, uintptr(unsafe.Pointer(&reply[0])), uintptr(unsafe.Pointer(&length)))
	runtime.KeepAlive(cmd)
	if err != nil {
		return nil, err
	}
	return reply[:min(length, uint32(len(reply)))], nil
}
