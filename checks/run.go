// Package checks runs all probes of a machine in parallel, each with its own deadline, and passes their facts to the
// judges. If a probe hangs or crashes, that becomes a finding, and the report still contains the rest.
package checks

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"etax-doctor/checks/bounded"
	"etax-doctor/checks/card"
	"etax-doctor/checks/certificate"
	"etax-doctor/checks/facts"
	"etax-doctor/checks/finding"
	"etax-doctor/checks/reader"
	"etax-doctor/checks/smartcard/jpki"
	"etax-doctor/checks/smartcard/pcsc"
	"etax-doctor/checks/smartcard/readername"
	"etax-doctor/checks/symptom"
)

// Deadlines of the probes. The card probe follows the reader probe; together they take at most readingDeadline, so that the report
// comes before the extension has stopped waiting (DEADLINES in extension/shared/host.js).
const (
	readingDeadline = 8500 * time.Millisecond
	readerDeadline  = machineDeadline
	cardDeadline    = 5 * time.Second
	turnDeadline    = 1500 * time.Millisecond // another process of ours needs less, unless its reader hangs
	// gracePeriod is the time that a probe has after its deadline or a cancel, to release what it holds.
	gracePeriod = jpki.LeaveDeadline + pcsc.CloseDeadline + 200*time.Millisecond
)

// Options says what to check and which callbacks to call.
type Options struct {
	// Only limits the findings to these layers (and to what caused them to be skipped). Empty means all.
	Only []finding.Layer
	// LoginInFlight forbids any connection to the card.
	LoginInFlight bool
	// Unasked is true if no person pressed a button: a card that another program is connected to is then not opened.
	Unasked bool
	// Browser is the id of the browser that asks; "" if none does.
	Browser string
	// Bridge is the native-messaging host of the only bridge that is switched on; "" if that is not known.
	Bridge string
	// ClockAhead is how far the clock is ahead of e-Tax's, in seconds; 0 if that is not known.
	ClockAhead float64
	// Symptoms are what the person has reported.
	Symptoms []facts.Symptom
	// Deep reads and checks the CA certificate on the card too.
	Deep bool
	// OnProgress and OnFinding are called during the run, one at a time.
	OnProgress func(Progress)
	OnFinding  func(finding.Finding)
}

// Progress says that a probe started or ended.
type Progress struct {
	Probe facts.Probe `json:"probe"`
	State string      `json:"state"` // started, done, timed-out, crashed
}

// Result is the outcome of a run.
type Result struct {
	Facts    *facts.Facts
	Findings []finding.Finding
	Verdict  finding.Finding
	// Timings is how long each probe took, in milliseconds.
	Timings map[facts.Probe]float64
}

// Run probes the machine and judges it.
func Run(ctx context.Context, machine Machine, options Options) *Result {
	r := &run{machine: machine, options: options, timings: map[facts.Probe]float64{}, judging: newJudging(options.Only)}
	r.facts = facts.Facts{
		Schema:        facts.Schema,
		CollectedAt:   machine.Now().UTC(),
		Simulated:     machine.Simulated,
		LoginInFlight: options.LoginInFlight,
		Browser:       options.Browser,
		Bridge:        options.Bridge,
		ClockAhead:    options.ClockAhead,
		Symptoms:      options.Symptoms,
	}
	for _, layer := range options.Only {
		r.facts.Only = append(r.facts.Only, string(layer))
	}
	symptoms := symptom.Judge(&r.facts)
	for _, f := range symptoms {
		if options.OnFinding != nil {
			options.OnFinding(f)
		}
	}
	var wg sync.WaitGroup
	for _, start := range r.starts() {
		wg.Go(func() { start(ctx) })
	}
	wg.Wait()
	whole := result(&r.facts, slices.Concat(symptoms, r.judging.end()), options.Only)
	whole.Timings = r.timings
	return whole
}

type run struct {
	machine Machine
	options Options

	mu      sync.Mutex
	facts   facts.Facts
	timings map[facts.Probe]float64
	judging *judging
}

// starts must be called before any probe runs: afterwards, judging changes and needs the lock.
func (r *run) starts() (starts []func(context.Context)) {
	if r.judging.needs(facts.ProbeReader) {
		starts = append(starts, r.readersThenCards(r.judging.needs(facts.ProbeCard)))
	}
	for _, p := range r.machine.probes() {
		if r.judging.needs(p.name) {
			starts = append(starts, func(ctx context.Context) { p.run(ctx, r) })
		}
	}
	return starts
}

func (r *run) readersThenCards(cards bool) func(context.Context) {
	return func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, readingDeadline)
		defer cancel()
		slots := r.probeReaders(ctx)
		if cards {
			r.probeCards(ctx, slots)
		}
	}
}

func (r *run) probeReaders(ctx context.Context) (slots []reader.Slot) {
	probe(ctx, r, facts.ProbeReader, readerDeadline, func(ctx context.Context) readers {
		pc, slots := reader.Probe(ctx, r.machine.PCSC, r.machine.Devices, r.machine.ComingUp)
		return readers{pc, slots}
	}, func(f *facts.Facts, found readers) { f.PCSC, slots = found.facts, found.slots })
	return slots
}

func (r *run) probeCards(ctx context.Context, slots []reader.Slot) {
	// Longer than one card's own deadline, which ends first and so shows which card hangs.
	probe(ctx, r, facts.ProbeCard, turnDeadline+cardDeadline+2*gracePeriod, func(ctx context.Context) []*facts.Card {
		return r.readCards(ctx, slots)
	}, func(f *facts.Facts, cards []*facts.Card) {
		for i, c := range cards {
			if c != nil && c.Certificate != nil {
				certificate.Summarise(c.Certificate, f.CollectedAt)
			}
			f.PCSC.Readers[i].Card = c
		}
	})
}

type readers struct {
	facts *facts.PCSC
	slots []reader.Slot
}

// readCards reads all slots in parallel; a slot whose driver hangs or crashes does not delay the others.
func (r *run) readCards(ctx context.Context, slots []reader.Slot) []*facts.Card {
	cards := make([]*facts.Card, len(slots))
	if r.options.LoginInFlight || !slices.ContainsFunc(slots, reader.Slot.HoldsCard) {
		return cards
	}
	release, ok := r.turn(ctx)
	defer release()
	var wg sync.WaitGroup
	for i, slot := range slots {
		if !slot.HoldsCard() {
			continue
		}
		if !ok {
			cards[i] = &facts.Card{Outcome: facts.CardHeldByUs}
			continue
		}
		wg.Go(func() {
			c, problem := withTimeout(ctx, cardDeadline, gracePeriod, func(ctx context.Context) *facts.Card {
				return card.Probe(ctx, r.machine.PCSC, slot.Name, slot.State, card.Options{
					Deep: r.options.Deep, Unasked: r.options.Unasked, ExtendedLength: r.machine.ExtendedLength, Model: readername.Display(slot.Name)})
			})
			if problem != "" {
				c = &facts.Card{Outcome: facts.CardUnreadable, Reason: string(problem)}
			}
			cards[i] = c
		})
	}
	wg.Wait()
	return cards
}

func (r *run) turn(ctx context.Context) (release func(), ok bool) {
	if r.machine.Turn == nil {
		return func() {}, true
	}
	ctx, cancel := context.WithTimeout(ctx, turnDeadline)
	defer cancel()
	return r.machine.Turn(ctx)
}

// probe runs one probe, stores its facts, and runs the judges that were waiting for them.
func probe[T any](ctx context.Context, r *run, name facts.Probe, deadline time.Duration, look func(context.Context) T, store func(*facts.Facts, T)) {
	r.progress(Progress{Probe: name, State: "started"})
	start := time.Now()
	value, problem := withTimeout(ctx, deadline, gracePeriod, look)
	took := time.Since(start)
	if ctx.Err() != nil {
		problem = cmp.Or(problem, facts.TimedOut) // the facts of a cancelled probe are not complete
	}

	r.mu.Lock()
	defer r.mu.Unlock()
	r.timings[name] = float64(took.Microseconds()/100) / 10
	state := "done"
	if problem != "" {
		state = string(problem)
		r.facts.Problems = append(r.facts.Problems, facts.Problem{Probe: name, Kind: problem})
	} else {
		store(&r.facts, value)
	}
	if r.options.OnProgress != nil {
		r.options.OnProgress(Progress{Probe: name, State: state})
	}
	for _, f := range r.judging.probeReturned(name, &r.facts) {
		if r.options.OnFinding != nil {
			r.options.OnFinding(f)
		}
	}
}

func (r *run) progress(p Progress) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.options.OnProgress != nil {
		r.options.OnProgress(p)
	}
}

// withTimeout calls look, which may hang or crash. After the timeout or a cancel, it waits for at most grace longer;
// look may then still run.
func withTimeout[T any](ctx context.Context, timeout, grace time.Duration, look func(context.Context) T) (T, facts.ProblemKind) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	value, err := bounded.Call(ctx, grace, func() (T, error) { return look(ctx), nil }, nil)
	switch err {
	case nil:
		return value, ""
	case bounded.ErrCrashed:
		return value, facts.Crashed
	}
	return value, facts.TimedOut
}
