// Package bounded makes calls that may hang or crash: into a driver, a library, the operating system.
package bounded

import (
	"context"
	"errors"
	"time"
)

// ErrCrashed says that the call panicked.
var ErrCrashed = errors.New("the call crashed")

// Call runs call and returns its result. If ctx ends first, Call waits for at most grace longer and then returns ctx's
// error (context.DeadlineExceeded or context.Canceled), while call still runs. If call succeeds later, abandon gets its
// value to release it. abandon may be nil.
func Call[T any](ctx context.Context, grace time.Duration, call func() (T, error), abandon func(T)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		r := result{err: ErrCrashed} // stays if call ends its goroutine (runtime.Goexit)
		defer func() {
			if recover() != nil {
				r = result{err: ErrCrashed}
			}
			done <- r
		}()
		r.value, r.err = call()
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
	}
	if grace > 0 {
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case r := <-done:
			return r.value, r.err
		case <-timer.C:
		}
	}
	if abandon != nil {
		go func() {
			if r := <-done; r.err == nil {
				abandon(r.value)
			}
		}()
	}
	var zero T
	return zero, ctx.Err()
}
