// Package turn lets only one process of this program read a card at a time.
package turn

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// poll is the time between two attempts to take a lock that another process holds.
const poll = 20 * time.Millisecond

// Take takes the lock file that every process of this program holds while it reads a card. Without it, two processes
// (in two browsers, or in a browser and a terminal) would report each other as another program. The lock ends with its
// process. ok is false if ctx ends first. If the file cannot be created, every process may read.
func Take(ctx context.Context, path string) (release func(), ok bool) {
	if os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return func() {}, true
	}
	lock := flock.New(path, flock.SetPermissions(0o600))
	locked, err := lock.TryLockContext(ctx, poll)
	if !locked && ctx.Err() != nil {
		_ = lock.Close()
		return func() {}, false
	}
	if err != nil {
		_ = lock.Close()
		return func() {}, true
	}
	return func() { _ = lock.Close() }, true
}
