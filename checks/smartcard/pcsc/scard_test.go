//go:build linux && cgo

package pcsc_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/apdu"
	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/checks/smartcard/pcsctest"
	"etax-doctor/checks/smartcard/virtualcard"
)

func establish(t *testing.T) pcsc.Context {
	t.Helper()
	pc, err := pcsc.New().Establish(t.Context())
	require.NoError(t, err)
	t.Cleanup(pc.Release)
	return pc
}

func TestNoService(t *testing.T) {
	d := pcsctest.Start(t)
	d.Stop()
	_, err := pcsc.New().Establish(t.Context())
	assert.Equal(t, pcsc.CodeNoService, pcsc.CodeOf(err))
}

func TestNoReadersIsAnEmptyList(t *testing.T) {
	pcsctest.Start(t)
	pc := establish(t)
	names, err := pc.Readers(t.Context())
	require.NoError(t, err)
	assert.Empty(t, names)
	states, err := pc.States(t.Context(), nil)
	require.NoError(t, err, "the library itself panics here")
	assert.Empty(t, states)
}

func TestUnknownReader(t *testing.T) {
	pcsctest.Start(t, "Reader")
	pc := establish(t)
	for _, name := range []string{"no such reader", "", "nul\x00inside", "リーダー"} {
		_, err := pc.Connect(t.Context(), name)
		assert.Error(t, err, name)
		_, err = pc.States(t.Context(), []string{name})
		_ = err // some of these are answered with "unknown" and some with an error; none may panic
	}
}

func TestCardPulledOut(t *testing.T) {
	d := pcsctest.Start(t, "Reader")
	remove := d.Insert(t, 0, virtualcard.New(virtualcard.Healthy(time.Now())))
	card, err := establish(t).Connect(t.Context(), d.SlotName(t, 0))
	require.NoError(t, err)
	defer card.Close(pcsc.LeaveCard)
	require.NoError(t, card.Begin(t.Context()))
	gate := apdu.NewGate(card)
	_, err = gate.SelectApplication(t.Context())
	require.NoError(t, err)
	remove()
	_, err = gate.RetryCounter(t.Context(), apdu.KeyLogin)
	assert.Error(t, err, "never 0 bytes without an error")
}

func TestServiceStopsUnderALiveConnection(t *testing.T) {
	d := pcsctest.Start(t, "Reader")
	d.Insert(t, 0, virtualcard.New(virtualcard.Healthy(time.Now())))
	pc := establish(t)
	card, err := pc.Connect(t.Context(), d.SlotName(t, 0))
	require.NoError(t, err)
	defer card.Close(pcsc.LeaveCard)
	d.Stop()
	_, err = apdu.NewGate(card).SelectApplication(t.Context())
	assert.Error(t, err)
	_, err = pc.Readers(t.Context())
	assert.Error(t, err)
}

func TestManyAndOddReaderNames(t *testing.T) {
	pcsctest.Start(t, "リーダー", "Reader")
	pc := establish(t)
	names, err := pc.Readers(t.Context())
	require.NoError(t, err)
	assert.Contains(t, names, "リーダー 00 00")
	_, err = pc.States(t.Context(), names)
	require.NoError(t, err)
	many := slices.Repeat(names, 10) // pcscd itself has no more than 16 slots
	_, err = pc.States(t.Context(), many)
	assert.Equal(t, pcsc.Code(0x80100004), pcsc.CodeOf(err), "an error to fall back on, not a crash")
}

func TestSixteenSlots(t *testing.T) {
	names := []string{"A", "B", "C", "D", "E", "F", "G", "H"}
	d := pcsctest.Start(t, names...)
	d.Insert(t, 7, virtualcard.New(virtualcard.Healthy(time.Now())))
	pc := establish(t)
	slots, err := pc.Readers(t.Context())
	require.NoError(t, err)
	require.Len(t, slots, 16)
	states, err := pc.States(t.Context(), slots)
	require.NoError(t, err)
	holding := 0
	for _, s := range states {
		if s.Flags.Has(pcsc.StatePresent) {
			holding++
		}
	}
	assert.Equal(t, 1, holding)
}

func TestAStaleContextAfterARestartOfTheService(t *testing.T) {
	d := pcsctest.Start(t, "Reader")
	pc := establish(t)
	d.Stop()
	d.Restart(t)
	_, err := pc.Readers(t.Context())
	assert.Error(t, err)
	_, err = establish(t).Readers(t.Context())
	assert.NoError(t, err, "a new one works")
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	d := pcsctest.Start(t, "Reader")
	pc := establish(t)
	name := []string{d.SlotName(t, 0)}
	states, err := pc.Wait(t.Context(), name, make([]pcsc.State, 1), pcsc.Forever)
	require.NoError(t, err, "a first question is answered at once")
	same, err := pc.Wait(t.Context(), name, states, 10*time.Millisecond)
	require.NoError(t, err)
	assert.Equal(t, states, same, "nothing changed")

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := pc.Wait(ctx, name, states, pcsc.Forever)
		ended <- err
	}()
	cancel()
	select {
	case err := <-ended:
		assert.ErrorIs(t, err, context.Canceled)
	case <-time.After(2 * time.Minute):
		t.Fatal("still waiting")
	}
	_, err = pc.Readers(t.Context())
	assert.NoError(t, err, "the context is still good")
}

// Two connections share a card: the transaction of the second waits for that of the first, which still works.
func TestTwoSharedConnections(t *testing.T) {
	d := pcsctest.Start(t, "Reader")
	d.Insert(t, 0, virtualcard.New(virtualcard.Healthy(time.Now())))
	first, err := establish(t).Connect(t.Context(), d.SlotName(t, 0))
	require.NoError(t, err)
	defer first.Close(pcsc.LeaveCard)
	second, err := establish(t).Connect(t.Context(), d.SlotName(t, 0))
	require.NoError(t, err)
	defer second.Close(pcsc.LeaveCard)
	require.NoError(t, first.Begin(t.Context()))

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	assert.ErrorIs(t, second.Begin(ctx), context.DeadlineExceeded, "a transaction waits for another one")
	_, err = apdu.NewGate(first).SelectApplication(t.Context())
	assert.NoError(t, err)
}
