package local

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// turnPoll is how often a lock that another process has is asked for.
const turnPoll = 20 * time.Millisecond

// turn takes the lock that every process of this program holds while it reads a card, so that two of them, in two
// browsers or a browser and a terminal, do not take each other for another program. It goes with the process that has
// it. Where there can be no such file, everybody may read.
func turn(ctx context.Context, path string) (release func(), ok bool) {
	if os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return func() {}, true
	}
	lock := flock.New(path, flock.SetPermissions(0o600))
	locked, err := lock.TryLockContext(ctx, turnPoll)
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
