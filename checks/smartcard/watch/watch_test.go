package watch

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"etax-doctor/checks/smartcard/pcsc"
)

// scripted is a PC/SC whose list of readers and answers come from the test.
type scripted struct {
	pcsc.Context
	readers func() []string
	wait    func(ctx context.Context, readers []string) ([]pcsc.State, error)
	states  func(readers []string) ([]pcsc.State, error)
	listed  atomic.Int64
}

func (s *scripted) Establish(context.Context) (pcsc.Context, error) { return s, nil }
func (s *scripted) Release()                                        {}
func (s *scripted) Readers(context.Context) ([]string, error) {
	s.listed.Add(1)
	return s.readers(), nil
}

func (s *scripted) Wait(ctx context.Context, readers []string, _ []pcsc.State, _ time.Duration) ([]pcsc.State, error) {
	return s.wait(ctx, readers)
}

func (s *scripted) States(_ context.Context, readers []string) ([]pcsc.State, error) {
	return s.states(readers)
}

func collect(t *testing.T, s *scripted) (events chan Event, end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	events, done := make(chan Event, 1000), make(chan struct{})
	go func() {
		defer close(done)
		Run(ctx, s, func(e Event) { events <- e })
	}()
	end = func() { cancel(); <-done }
	t.Cleanup(end)
	return events, end
}

func requireKinds(t *testing.T, events chan Event, kinds ...Kind) {
	t.Helper()
	for _, want := range kinds {
		select {
		case e := <-events:
			require.Equal(t, want, e.Kind)
		case <-time.After(10 * time.Second):
			t.Fatalf("no %s", want)
		}
	}
}

func untilEnd(ctx context.Context) ([]pcsc.State, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// When a reader is added, pcsc-lite ends the wait with a state that only says "something changed", the same each time.
func TestEveryArrivalIsSeen(t *testing.T) {
	var there atomic.Int64
	arrive := make(chan struct{})
	s := &scripted{
		readers: func() []string { return []string{"A", "B", "C"}[:there.Load()] },
		wait: func(ctx context.Context, readers []string) ([]pcsc.State, error) {
			select {
			case <-arrive:
				there.Add(1)
				states := make([]pcsc.State, len(readers))
				states[len(states)-1].Flags = 2
				return states, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		},
	}
	events, _ := collect(t, s)
	for range 3 {
		arrive <- struct{}{}
		requireKinds(t, events, ReaderAdded)
	}
}

// A reader that is listed but then refused, as Windows Hello can be, must not cause a loop without pauses.
func TestNoSpin(t *testing.T) {
	refused := func([]string) ([]pcsc.State, error) {
		return nil, &pcsc.Error{Call: "GetStatusChange", Code: pcsc.CodeUnknownReader}
	}
	for name, wait := range map[string]func(readers []string) ([]pcsc.State, error){
		"refused": refused,
		"unknown at once": func(readers []string) ([]pcsc.State, error) {
			states := make([]pcsc.State, len(readers))
			states[0].Flags = pcsc.StateUnknown
			return states, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			asked := make(chan struct{}, 1000)
			s := &scripted{readers: func() []string { return []string{"A broken reader"} }, states: refused,
				wait: func(_ context.Context, readers []string) ([]pcsc.State, error) {
					select {
					case asked <- struct{}{}:
					default:
					}
					return wait(readers)
				}}
			events, end := collect(t, s)
			requireKinds(t, events, ReaderAdded)
			<-asked
			<-asked
			end()
			assert.Less(t, s.listed.Load(), int64(10))
			assert.Empty(t, events, "nothing is said of it again and again")
		})
	}
}

// One reader whose state is refused, as Windows Hello's can be, does not hide what happens on the others.
func TestOneRefusedReaderDoesNotBlindTheWatch(t *testing.T) {
	refusal := &pcsc.Error{Call: "GetStatusChange", Code: pcsc.CodeUnknownReader}
	s := &scripted{
		readers: func() []string { return []string{"A broken reader", "B"} },
		wait: func(ctx context.Context, readers []string) ([]pcsc.State, error) {
			if slices.Contains(readers, "A broken reader") {
				return nil, refusal
			}
			return []pcsc.State{{Flags: pcsc.StatePresent}, {}}, nil
		},
		states: func(readers []string) ([]pcsc.State, error) {
			if readers[0] != "B" {
				return nil, refusal
			}
			return []pcsc.State{{Flags: pcsc.StatePresent}}, nil
		},
	}
	events, _ := collect(t, s)
	requireKinds(t, events, ReaderAdded, ReaderAdded, CardInserted)
}

// Windows Hello's virtual readers hold a card of their own, and are no readers to a person.
func TestVirtualReadersAreNotShown(t *testing.T) {
	s := &scripted{
		readers: func() []string { return []string{"Windows Hello for Business 1", "B"} },
		wait: func(ctx context.Context, readers []string) ([]pcsc.State, error) {
			assert.Equal(t, []string{"B", pcsc.PnP}, readers)
			return untilEnd(ctx)
		},
	}
	events, end := collect(t, s)
	e := <-events
	assert.Equal(t, Event{ReaderAdded, "B"}, e)
	end()
	assert.Empty(t, events)
}

func TestAReaderUnpluggedWithItsCardIsNotAServiceGone(t *testing.T) {
	var gone atomic.Bool
	other := pcsc.State{Flags: pcsc.StateEmpty}
	s := &scripted{
		readers: func() []string {
			if gone.Load() {
				return []string{"B"}
			}
			return []string{"A", "B"}
		},
		wait: func(ctx context.Context, readers []string) ([]pcsc.State, error) {
			if gone.Load() {
				return untilEnd(ctx)
			}
			return []pcsc.State{{Flags: pcsc.StatePresent}, other, {}}, nil
		},
		states: func([]string) ([]pcsc.State, error) {
			gone.Store(true)
			return nil, &pcsc.Error{Call: "GetStatusChange", Code: pcsc.CodeUnknownReader}
		},
	}
	events, end := collect(t, s)
	requireKinds(t, events, ReaderAdded, ReaderAdded, CardInserted, CardRemoved, ReaderRemoved)
	end()
	assert.Empty(t, events)
}

func TestTroubleOfOneCallIsNotAServiceGone(t *testing.T) {
	var waits atomic.Int64
	s := &scripted{readers: func() []string { return []string{"A"} }, wait: func(ctx context.Context, _ []string) ([]pcsc.State, error) {
		if waits.Add(1) == 1 {
			return nil, &pcsc.Error{Call: "GetStatusChange", Code: 0x80100006} // no memory
		}
		return untilEnd(ctx)
	}}
	events, end := collect(t, s)
	requireKinds(t, events, ReaderAdded)
	require.Eventually(t, func() bool { return waits.Load() == 2 }, 10*time.Second, time.Millisecond)
	end()
	assert.Empty(t, events)
}

func TestSixteenSlotsLeaveNoRoomForArrivals(t *testing.T) {
	names := make([]string, mostSlots)
	for i := range names {
		names[i] = string(rune('A' + i))
	}
	asked := make(chan []string, 1)
	s := &scripted{readers: func() []string { return names }, wait: func(ctx context.Context, readers []string) ([]pcsc.State, error) {
		asked <- readers
		return untilEnd(ctx)
	}}
	collect(t, s)
	assert.Equal(t, names, <-asked)
}
