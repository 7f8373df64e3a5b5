// Package watch reports changes as they happen: a reader is plugged in or out, a card is put on or taken off, another
// program uses a card, the smart card service goes or comes back. It connects to no card, and it polls only what PC/SC
// cannot wait for.
package watch

import (
	"context"
	"runtime"
	"slices"
	"time"

	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/checks/smartcard/readername"
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
	// serviceRetry is the time between two tries to reach a service that is gone: PC/SC does not report its return.
	serviceRetry = time.Second
	// useInterval is the time between two checks whether another program uses a card: that change does not end a wait
	// in pcsc-lite. pcscd polls its readers every 0.4 s. It is also the pause after a wait that ends early with nothing
	// new.
	useInterval = time.Second
	// listInterval is the time between two lists of readers when nothing happens: pcsc-lite can miss a change between
	// two waits.
	listInterval = 5 * time.Second
	// refusalTime is how long a slot is left out whose state PC/SC refuses to give, as Windows Hello's can be.
	refusalTime = 30 * time.Second
	// mostSlots is how many readers one call to pcsc-lite may name, [pcsc.PnP] included.
	mostSlots = 16
)

// Run watches until ctx ends. It calls emit for one event at a time.
func Run(ctx context.Context, system pcsc.System, emit func(Event)) {
	w := &watcher{system: system, serviceUp: true}
	w.emit = func(e Event) {
		w.events++
		emit(e)
	}
	for ctx.Err() == nil {
		err := w.session(ctx)
		if ctx.Err() != nil {
			return
		}
		if isServiceGone(err) {
			w.serviceIsGone()
		}
		pause(ctx, serviceRetry)
	}
}

// isServiceGone reports whether an error means that the service is gone. Other errors come from this program or from a driver.
func isServiceGone(err error) bool {
	switch pcsc.CodeOf(err) {
	case pcsc.CodeNoService, pcsc.CodeServiceStopped, pcsc.CodeInvalidHandle, pcsc.CodeBrokenPipe:
		return true
	}
	return false
}

// isReaderGone reports whether an error only means that one of the named readers is not listed any more.
func isReaderGone(err error) bool {
	switch pcsc.CodeOf(err) {
	case pcsc.CodeUnknownReader, pcsc.CodeReaderUnavailable:
		return true
	}
	return false
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
	events    int
	serviceUp bool
	slots     []slot
	pnp       pcsc.State
}

// slot is a reader's slot and its last reported state.
type slot struct {
	name    string
	state   pcsc.State
	present bool
	busy    bool
	// refusedUntil is when a slot that PC/SC has refused is asked again.
	refusedUntil time.Time
}

// session watches on one PC/SC context until it fails.
func (w *watcher) session(ctx context.Context) error {
	pc, err := withCallDeadline(ctx, w.system.Establish)
	if err != nil {
		return err
	}
	defer pc.Release()
	w.pnp = pcsc.State{}
	for ctx.Err() == nil {
		events, start := w.events, time.Now()
		if err := w.look(ctx, pc); err != nil && !isReaderGone(err) {
			return err
		}
		// Some drivers list a reader but then report an error for it at once. Without a pause, the loop would spin.
		if w.events == events && time.Since(start) < useInterval/2 {
			pause(ctx, useInterval)
		}
	}
	return nil
}

// look lists the readers, waits until something changes, and emits the events.
func (w *watcher) look(ctx context.Context, pc pcsc.Context) error {
	names, err := withCallDeadline(ctx, pc.Readers)
	if err != nil {
		return err
	}
	if !w.serviceUp {
		w.serviceUp = true
		w.emit(Event{Kind: ServiceBack})
	}
	w.readers(slices.DeleteFunc(names, readername.IsVirtual))

	asked, query, last := w.query()
	timeout := listInterval
	if w.holdsCard() {
		timeout = useInterval
	}
	states, err := pc.Wait(ctx, query, last, timeout)
	if isReaderGone(err) {
		w.refuse(ctx, pc, asked)
	}
	if err != nil {
		return err
	}
	if len(states) > len(asked) {
		w.pnp = states[len(asked)]
	}
	w.update(asked, states)
	if !w.holdsCard() {
		return nil
	}
	// pcsc-lite does not report the start of a use as a change, but a new query shows it.
	states, err = withCallDeadline(ctx, func(ctx context.Context) ([]pcsc.State, error) { return pc.States(ctx, query[:len(asked)]) })
	if err != nil {
		return err
	}
	w.update(asked, states)
	return nil
}

// query returns the slots to ask, their names and last states, and those of [pcsc.PnP] if there is room for it.
func (w *watcher) query() (asked []int, names []string, last []pcsc.State) {
	for i, s := range w.slots {
		if time.Now().After(s.refusedUntil) {
			asked, names, last = append(asked, i), append(names, s.name), append(last, s.state)
		}
	}
	if len(names) < mostSlots {
		names, last = append(names, pcsc.PnP), append(last, w.pnp)
	}
	return asked, names, last
}

// refuse finds the slots whose state PC/SC refuses to give, one by one: a single one spoils the question for all. They are left
// out for a while.
func (w *watcher) refuse(ctx context.Context, pc pcsc.Context, asked []int) {
	for _, i := range asked {
		_, err := withCallDeadline(ctx, func(ctx context.Context) ([]pcsc.State, error) { return pc.States(ctx, []string{w.slots[i].name}) })
		if isReaderGone(err) {
			w.slots[i].refusedUntil = time.Now().Add(refusalTime)
		}
	}
}

func withCallDeadline[T any](ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, callDeadline)
	defer cancel()
	return call(ctx)
}

func (w *watcher) holdsCard() bool {
	return slices.ContainsFunc(w.slots, func(s slot) bool { return s.present })
}

// readers compares the list of readers with the previous list and emits the differences.
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
			w.emit(Event{ReaderAdded, readername.Display(name)})
		}
	}
	w.slots = kept
}

func (w *watcher) gone(s slot) {
	if s.present {
		w.emit(Event{CardRemoved, readername.Display(s.name)})
	}
	w.emit(Event{ReaderRemoved, readername.Display(s.name)})
}

func (w *watcher) update(asked []int, states []pcsc.State) {
	for n, i := range asked {
		w.slots[i] = w.state(w.slots[i], states[n])
	}
}

func (w *watcher) state(s slot, now pcsc.State) slot {
	name := readername.Display(s.name)
	present := now.Flags.Has(pcsc.StatePresent)
	swapped := present && s.present && now.Changes() != s.state.Changes()
	if s.present && (!present || swapped) {
		w.emit(Event{CardRemoved, name})
		s.busy = false
	}
	if present && (!s.present || swapped) {
		w.emit(Event{CardInserted, name})
	}
	busy := present && now.Flags.Has(pcsc.StateInUse)
	switch {
	case busy && !s.busy:
		w.emit(Event{CardBusy, name})
	case !busy && s.busy && present:
		w.emit(Event{CardFree, name})
	}
	s.state, s.present, s.busy = now, present, busy
	return s
}

// serviceIsGone removes all readers, because the service is gone. On Windows, it emits no ServiceGone: Windows stops
// its service by design when the last reader is unplugged.
func (w *watcher) serviceIsGone() {
	if !w.serviceUp {
		return
	}
	for _, s := range w.slots {
		w.gone(s)
	}
	w.slots = nil
	if runtime.GOOS == "windows" {
		return
	}
	w.serviceUp = false
	w.emit(Event{Kind: ServiceGone})
}
