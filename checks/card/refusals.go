package card

import "sync"

// Refusals remembers, for as long as the process lives, the readers that do not take extended-length commands. Each
// is tried once.
type Refusals struct {
	mu      sync.Mutex
	readers map[string]bool
}

func (r *Refusals) has(reader string) bool {
	if r == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.readers[reader]
}

func (r *Refusals) add(reader string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.readers == nil {
		r.readers = map[string]bool{}
	}
	r.readers[reader] = true
}
