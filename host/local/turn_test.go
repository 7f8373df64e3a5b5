package local

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
	release, ok := turn(t.Context(), path)
	require.True(t, ok)

	impatient, cancel := context.WithTimeout(t.Context(), 5*turnPoll)
	defer cancel()
	_, ok = turn(impatient, path)
	assert.False(t, ok, "the first one still reads")

	second := make(chan bool)
	go func() {
		release, ok := turn(t.Context(), path)
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
	release, ok := turn(t.Context(), filepath.Join("/dev/null", "state", "reading.lock"))
	assert.True(t, ok)
	release()
}
