package pcsc

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAPanicInTheLibraryIsAnError(t *testing.T) {
	_, err := bounded(t.Context(), "Transmit", func() (int, error) { panic("unknown protocol") }, nil)
	var crash *PanicError
	require.ErrorAs(t, err, &crash)
	assert.Equal(t, "Transmit", crash.Call)
}

func TestACallThatBlocksIsLeftAndGivenBack(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	begun, release := make(chan struct{}), make(chan struct{})
	givenBack := make(chan int, 1)
	go func() { <-begun; cancel() }()
	_, err := bounded(ctx, "Connect", func() (int, error) { close(begun); <-release; return 7, nil }, func(v int) { givenBack <- v })
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	close(release)
	assert.Equal(t, 7, <-givenBack, "a connection that comes late must not be kept")
}

func TestNothingIsStartedAfterTheDeadline(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := bounded(ctx, "Connect", func() (int, error) { t.Error("started"); return 0, nil }, nil)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestCodeOf(t *testing.T) {
	assert.Equal(t, CodeNoService, CodeOf(&Error{Call: "EstablishContext", Code: CodeNoService}))
	assert.Zero(t, CodeOf(errors.New("another")))
	assert.Equal(t, "PC/SC EstablishContext: 8010001D", (&Error{Call: "EstablishContext", Code: CodeNoService}).Error())
}
