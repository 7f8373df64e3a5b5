package session

import (
	"context"
	"errors"
	"sync"
)

// errCancelled is the cause for the end of a job that the browser has cancelled.
var errCancelled = errors.New("cancelled by the browser")

// jobs are the requests that run while further requests are read: at most one of each type.
type jobs struct {
	mu      sync.Mutex
	running map[string]job // by the request's type
}

// work serves a request and returns its last message, or nil if the session has ended and nobody reads it.
type work func(context.Context) (last any)

type job struct {
	id     string
	cancel context.CancelCauseFunc
}

// start runs work, and calls send with its last message only after the next request of this type may come.
func (j *jobs) start(ctx context.Context, wg *sync.WaitGroup, r request, work work, send func(any)) *Refusal {
	j.mu.Lock()
	defer j.mu.Unlock()
	for kind, other := range j.running {
		if kind == r.Type {
			return &Refusal{Code: Busy, Message: "a request of this type is already being served"}
		}
		if other.id == r.ID {
			return &Refusal{Code: BadRequest, Message: "the id is that of a request being served"}
		}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	j.running[r.Type] = job{r.ID, cancel}
	wg.Go(func() {
		defer cancel(nil)
		last := work(ctx)
		j.mu.Lock()
		delete(j.running, r.Type)
		j.mu.Unlock()
		if last != nil {
			send(last)
		}
	})
	return nil
}

// cancel ends the watch with this id. A diagnosis ends by itself.
func (j *jobs) cancel(id string) *Refusal {
	j.mu.Lock()
	defer j.mu.Unlock()
	if w, ok := j.running["watch"]; ok && w.id == id {
		w.cancel(errCancelled)
		return nil
	}
	return &Refusal{Code: BadRequest, Message: "there is no watch with this id"}
}
