package card

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// ExtendedLengthCache remembers the readers (names without serial numbers) that do not accept extended-length commands,
// so that each reader is tried only once. With a Path, it keeps them in a file for later processes. If the file cannot
// be read or written, the reader is tried again.
type ExtendedLengthCache struct {
	Path string

	mu      sync.Mutex
	loaded  bool
	readers []string
}

// mostReaders limits the size of the file.
const mostReaders = 50

func (r *ExtendedLengthCache) has(reader string) bool {
	if r == nil {
		return false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.load()
	return slices.Contains(r.readers, reader)
}

func (r *ExtendedLengthCache) add(reader string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.load()
	if slices.Contains(r.readers, reader) || len(r.readers) >= mostReaders {
		return
	}
	r.readers = append(r.readers, reader)
	if r.Path == "" {
		return
	}
	if data, err := json.Marshal(r.readers); err == nil && os.MkdirAll(filepath.Dir(r.Path), 0o700) == nil {
		_ = os.WriteFile(r.Path, data, 0o600)
	}
}

func (r *ExtendedLengthCache) load() {
	if r.loaded || r.Path == "" {
		return
	}
	r.loaded = true
	if data, err := os.ReadFile(r.Path); err == nil {
		_ = json.Unmarshal(data, &r.readers)
	}
}
