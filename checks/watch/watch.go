// Package watch tells, as it happens, what becomes of readers and cards: plugged in and out, put on and taken off, in
// use by another program, and the smart card service gone and back. It connects to no card and polls nothing that
// PC/SC can wait for.
package watch

import (
	"context"
	"slices"
	"time"

	"etax-doctor/checks/pcsc"
	"etax-doctor/checks/reader"
)

// Kind is what happened.
type Kind string

// The kinds of events. The first events of a watch describe what is already there.
const (
	ServiceGone   Kind = "service-gone"
	ServiceBack   Kind = "service-back"
	ReaderAdded   Kind = "reader-added"
	ReaderRemoved Kind = "reader-removed"
	CardInserted  Kind = "card-inserted"
	CardRemoved   Kind = "card-removed"
	CardBusy      Kind = "card-busy" // another program is connected to it
	CardFree      Kind = "card-free"
)

// Event is something that happened to a reader or to the service.
type Event struct {
	Kind Kind `json:"kind"`
	// Reader is the reader's name without serial number; empty for events of the service.
	Reader string `json:"reader,omitempty"`
}

const (
	// callDeadline bounds every call but the waiting one.
	callDeadline = 2 * time.Second
	// serviceRetry is how often a service that is gone is asked for: PC/SC cannot tell when it comes back.
	serviceRetry = time.Second
	// useInterval is how often a card's use by others is looked at; pcscd itself looks at its readers every 0.4 s.
	useInterval = time.Second
)

// Run watches until ctx ends. Events are handed to emit one at a time.
func Run(ctx context.Context, system pcsc.System, emit func(Event)) {
	w := &watcher{system: system, emit: emit, serviceUp: true}
	for ctx.Err() == nil {
		err := w.session(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			w.serviceIsGone()
			pause(ctx, serviceRetry)
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

type watcher struct {
	system    pcsc.System
	emit      func(Event)
	serviceUp bool
	slots     []slot
}

// slot is a reader's slot and what was last said of it.
type slot struct {
	name    string
	state   pcsc.State
	present bool
	busy    bool
}

// session watches on one PC/SC context until it fails.
func (w *watcher) session(ctx context.Context) error {
	pc, err := within(ctx, w.system.Establish)
	if err != nil {
		return err
	}
	defer pc.Release()
	for ctx.Err() == nil {
		names, err := within(ctx, pc.Readers)
		if err != nil {
			return err
		}
		if !w.serviceUp {
			w.serviceUp = true
			w.emit(Event{Kind: ServiceBack})
		}
		w.readers(names)
		if err := w.untilReadersChange(ctx, pc); err != nil {
			return err
		}
	}
	return nil
}

func within[T any](ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, callDeadline)
	defer cancel()
	return call(ctx)
}

// untilReadersChange follows the states of the known slots. It returns nil when the list of readers has to be asked
// for again.
func (w *watcher) untilReadersChange(ctx context.Context, pc pcsc.Context) error {
	pnp := pcsc.State{}
	for {
		names := make([]string, len(w.slots)+1)
		last := make([]pcsc.State, len(names))
		for i, s := range w.slots {
			names[i], last[i] = s.name, s.state
		}
		names[len(w.slots)], last[len(w.slots)] = pcsc.PnP, pnp
		states, err := pc.Wait(ctx, names, last, w.timeout())
		switch pcsc.CodeOf(err) {
		case 0:
		case pcsc.CodeUnknownReader, pcsc.CodeReaderUnavailable:
			return nil // a reader went away while it was asked for
		}
		if err != nil {
			return err
		}
		changed := states[len(w.slots)]
		if w.holdsCard() {
			// pcsc-lite does not count a beginning use as a change, but says it when asked afresh.
			if states, err = w.ask(ctx, pc); err != nil {
				return err
			}
		}
		for i := range w.slots {
			w.slots[i] = w.state(w.slots[i], states[i])
		}
		gone := slices.ContainsFunc(w.slots, func(s slot) bool { return s.state.Flags.Has(pcsc.StateUnknown) })
		if gone || (pnp.Known() && changed.Differs(pnp)) {
			return nil
		}
		pnp = changed
	}
}

// timeout is for ever while no reader holds a card: coming and going wakes PC/SC by itself. That another program
// begins or ends to use a card does not wake pcsc-lite, so it is looked at now and then.
func (w *watcher) timeout() time.Duration {
	if w.holdsCard() {
		return useInterval
	}
	return pcsc.Forever
}

func (w *watcher) holdsCard() bool {
	return slices.ContainsFunc(w.slots, func(s slot) bool { return s.present })
}

func (w *watcher) ask(ctx context.Context, pc pcsc.Context) ([]pcsc.State, error) {
	names := make([]string, len(w.slots))
	for i, s := range w.slots {
		names[i] = s.name
	}
	return within(ctx, func(ctx context.Context) ([]pcsc.State, error) { return pc.States(ctx, names) })
}

// readers compares the list of readers with the one before.
func (w *watcher) readers(names []string) {
	var kept []slot
	for _, s := range w.slots {
		if slices.Contains(names, s.name) {
			kept = append(kept, s)
			continue
		}
		w.gone(s)
	}
	for _, name := range names {
		if !slices.ContainsFunc(kept, func(s slot) bool { return s.name == name }) {
			kept = append(kept, slot{name: name})
			w.emit(Event{ReaderAdded, reader.DisplayName(name)})
		}
	}
	w.slots = kept
}

func (w *watcher) gone(s slot) {
	if s.present {
		w.emit(Event{CardRemoved, reader.DisplayName(s.name)})
	}
	w.emit(Event{ReaderRemoved, reader.DisplayName(s.name)})
}

func (w *watcher) state(s slot, now pcsc.State) slot {
	name := reader.DisplayName(s.name)
	present := now.Flags.Has(pcsc.StatePresent)
	busy := present && now.Flags.Has(pcsc.StateInUse)
	switch {
	case present && !s.present:
		w.emit(Event{CardInserted, name})
	case !present && s.present:
		w.emit(Event{CardRemoved, name})
	}
	switch {
	case busy && !s.busy:
		w.emit(Event{CardBusy, name})
	case !busy && s.busy && present:
		w.emit(Event{CardFree, name})
	}
	s.state, s.present, s.busy = now, present, busy
	return s
}

func (w *watcher) serviceIsGone() {
	if !w.serviceUp {
		return
	}
	for _, s := range w.slots {
		w.gone(s)
	}
	w.slots, w.serviceUp = nil, false
	w.emit(Event{Kind: ServiceGone})
}
