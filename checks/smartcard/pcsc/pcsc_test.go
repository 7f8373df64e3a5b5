package pcsc

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/apdu"
)

func TestAPanicInTheLibraryIsAnError(t *testing.T) {
	_, err := withDeadline(t.Context(), "Transmit", func() (int, error) { panic("unknown protocol") }, nil)
	var crash *PanicError
	require.ErrorAs(t, err, &crash)
	assert.Equal(t, "Transmit", crash.Call)
}

func TestACallThatBlocksIsLeftAndGivenBack(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	begun, release := make(chan struct{}), make(chan struct{})
	givenBack := make(chan int, 1)
	go func() { <-begun; cancel() }()
	_, err := withDeadline(ctx, "Connect", func() (int, error) { close(begun); <-release; return 7, nil }, func(v int) { givenBack <- v })
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	close(release)
	assert.Equal(t, 7, <-givenBack, "a connection that comes late must not be kept")
}

func TestNothingIsStartedAfterTheDeadline(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := withDeadline(ctx, "Connect", func() (int, error) { t.Error("started"); return 0, nil }, nil)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestCodeOf(t *testing.T) {
	assert.Equal(t, CodeNoService, CodeOf(&Error{Call: "EstablishContext", Code: CodeNoService}))
	assert.Zero(t, CodeOf(errors.New("another")))
	assert.Equal(t, "PC/SC EstablishContext: 8010001D", (&Error{Call: "EstablishContext", Code: CodeNoService}).Error())
}

// slowLibrary is a library with one card, whose calls wait until through is closed.
type slowLibrary struct {
	mu      sync.Mutex
	calls   []string
	through chan struct{}
	arrived chan string
	contextHandle
}

func (l *slowLibrary) establish() (contextHandle, error)  { return l, nil }
func (l *slowLibrary) release() error                     { return l.call("release") }
func (l *slowLibrary) connect(string) (cardHandle, error) { return l, nil }
func (l *slowLibrary) begin() error                       { return l.call("begin") }
func (l *slowLibrary) reconnect() error                   { return l.call("reconnect") }
func (l *slowLibrary) disconnect() error                  { return l.call("disconnect") }
func (l *slowLibrary) transmit(cmd []byte) ([]byte, error) {
	return []byte{0x90, 0x00}, l.call(fmt.Sprintf("transmit %X", cmd[1]))
}
func (l *slowLibrary) end(d Disposition) error { return l.call(fmt.Sprintf("end, reset %v", d)) }

func (l *slowLibrary) call(name string) error {
	l.mu.Lock()
	l.calls = append(l.calls, name)
	l.mu.Unlock()
	l.arrived <- name
	<-l.through
	return nil
}

// A call that ran past its deadline still comes before later calls, the end of the transaction included. A call whose
// turn had not come at its deadline is not made.
func TestCallsOfACardKeepTheirOrder(t *testing.T) {
	l := &slowLibrary{through: make(chan struct{}), arrived: make(chan string, 100)}
	pc, err := native{l}.Establish(t.Context())
	require.NoError(t, err)
	card, err := pc.Connect(t.Context(), "R")
	require.NoError(t, err)

	ended, cancel := context.WithCancel(t.Context())
	go func() { <-l.arrived; cancel() }()
	assert.ErrorIs(t, card.Begin(ended), context.DeadlineExceeded, "left behind")
	gate := apdu.NewGate(card)
	ended, cancel = context.WithCancel(t.Context())
	left := make(chan error)
	go func() { _, err := gate.SelectApplication(ended); left <- err }()
	cancel()
	require.ErrorIs(t, <-left, context.DeadlineExceeded, "its turn had not come")
	next := make(chan error)
	go func() { _, err := gate.SelectApplication(t.Context()); next <- err }()
	close(l.through)
	require.NoError(t, <-next)
	card.Close(LeaveCard)
	l.mu.Lock()
	defer l.mu.Unlock()
	assert.Equal(t, []string{"begin", "transmit A4", "end, reset false", "disconnect"}, l.calls, "a transaction that came late is ended too")
}

// fickle is a context that ends between two calls of Err.
type fickle struct {
	context.Context
	looks int
}

func (f *fickle) Err() error {
	f.looks++
	if f.looks > 1 {
		return context.Canceled
	}
	return nil
}

// If a context ends while a call is being started, neither the next call nor the end of the transaction is blocked.
func TestAContextThatEndsWhileACallBegins(t *testing.T) {
	l := &slowLibrary{through: make(chan struct{}), arrived: make(chan string, 100)}
	close(l.through)
	pc, err := native{l}.Establish(t.Context())
	require.NoError(t, err)
	card, err := pc.Connect(t.Context(), "R")
	require.NoError(t, err)
	require.NoError(t, card.Begin(t.Context()))
	gate := apdu.NewGate(card)
	_, err = gate.SelectApplication(&fickle{Context: t.Context()})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err = gate.SelectApplication(ctx)
	require.NoError(t, err)
	card.Close(LeaveCard)
	l.mu.Lock()
	defer l.mu.Unlock()
	assert.Equal(t, []string{"begin", "transmit A4", "end, reset false", "disconnect"}, l.calls)
}
