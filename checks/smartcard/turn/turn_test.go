package turn

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOneReadsAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "reading.lock")
	release, ok := Take(t.Context(), path)
	require.True(t, ok)

	impatient, cancel := context.WithTimeout(t.Context(), 5*poll)
	defer cancel()
	_, ok = Take(impatient, path)
	assert.False(t, ok, "the first one still reads")

	second := make(chan bool)
	go func() {
		release, ok := Take(t.Context(), path)
		release()
		second <- ok
	}()
	release()
	select {
	case ok := <-second:
		assert.True(t, ok)
	case <-time.After(10 * time.Second):
		t.Fatal("the second one never got its turn")
	}
}

func TestWhereThereCanBeNoLockEverybodyReads(t *testing.T) {
	release, ok := Take(t.Context(), filepath.Join("/dev/null", "state", "reading.lock"))
	assert.True(t, ok)
	release()
}
