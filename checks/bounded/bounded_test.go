package bounded

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestCall(t *testing.T) {
	failed := errors.New("failed")
	for name, c := range map[string]struct {
		call func() (int, error)
		want error
	}{
		"it returns":             {func() (int, error) { return 7, nil }, nil},
		"it fails":               {func() (int, error) { return 0, failed }, failed},
		"it panics":              {func() (int, error) { panic("a driver's bug") }, ErrCrashed},
		"it ends its goroutine":  {func() (int, error) { runtime.Goexit(); return 0, nil }, ErrCrashed},
		"it panics with nothing": {func() (int, error) { panic(nil) }, ErrCrashed},
	} {
		t.Run(name, func(t *testing.T) {
			value, err := Call(t.Context(), 0, c.call, nil)
			assert.ErrorIs(t, err, c.want)
			assert.Equal(t, err == nil, value == 7)
		})
	}
}

func TestACallThatHangsIsLeftBehindAndWhatItReturnsIsGivenBack(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	hangs, givenBack := make(chan struct{}), make(chan int)
	_, err := Call(ctx, 0, func() (int, error) { <-hangs; return 7, nil }, func(v int) { givenBack <- v })
	assert.ErrorIs(t, err, context.Canceled)
	close(hangs)
	assert.Equal(t, 7, <-givenBack)
}

func TestACallMayEndInItsGrace(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	value, err := Call(ctx, time.Minute, func() (int, error) { cancel(); <-ctx.Done(); return 7, nil }, nil)
	assert.NoError(t, err)
	assert.Equal(t, 7, value)
}
