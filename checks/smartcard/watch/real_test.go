//go:build linux && cgo

package watch_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/virtualcard"
	"etax-doctor/checks/smartcard/watch"
)

type watched struct {
	t      *testing.T
	events chan watch.Event
	cancel context.CancelFunc
	done   chan struct{}
}

// limit ends what hangs.
const limit = 2 * time.Minute

func start(t *testing.T) *watched {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	w := &watched{t: t, events: make(chan watch.Event, 100), cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		watch.Run(ctx, pcsc.New(), func(e watch.Event) { w.events <- e })
	}()
	t.Cleanup(func() { cancel(); <-w.done })
	return w
}

func (w *watched) expect(kinds ...watch.Kind) {
	w.t.Helper()
	for _, want := range kinds {
		select {
		case e := <-w.events:
			require.Equal(w.t, want, e.Kind, fmt.Sprint(e))
		case <-time.After(limit):
			w.t.Fatalf("no %s", want)
		}
	}
}

func TestCancelOfAWatchWhenTheServiceDoesNotAnswer(t *testing.T) {
	d := pcsctest.Start(t, "Reader")
	w := start(t)
	w.expect(watch.ReaderAdded, watch.ReaderAdded)
	d.Freeze(t)
	w.cancel()
	select {
	case <-w.done:
	case <-time.After(limit):
		t.Fatal("the watch did not end")
	}
}

func TestWatch(t *testing.T) {
	d := pcsctest.Start(t, "SONY FeliCa RC-S300/P (1234567)")
	w := start(t)
	w.expect(watch.ReaderAdded, watch.ReaderAdded) // vpcd gives two slots
	remove := d.Insert(t, 0, virtualcard.New(virtualcard.Healthy(time.Now())))
	w.expect(watch.CardInserted)
	release := pcsctest.HoldTransaction(t, d.SlotName(t, 0))
	w.expect(watch.CardBusy)
	release()
	w.expect(watch.CardFree)
	remove()
	w.expect(watch.CardRemoved)
	d.Stop()
	w.expect(watch.ReaderRemoved, watch.ReaderRemoved, watch.ServiceGone)
	d.Restart(t)
	w.expect(watch.ServiceBack, watch.ReaderAdded, watch.ReaderAdded)
	w.cancel()
	select {
	case <-w.done:
	case <-time.After(limit):
		t.Fatal("the watch did not end")
	}
}
