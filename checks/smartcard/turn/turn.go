// Package turn lets one process of this program read a card at a time.
package turn

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// poll is how often a lock that another process has is asked for.
const poll = 20 * time.Millisecond

// Take takes the lock file that every process of this program holds while it reads a card, so that two of them, in two
// browsers or a browser and a terminal, do not take each other for another program. The lock ends with its process. It
// is not ok when ctx ends first. Where there can be no such file, everybody may read.
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
