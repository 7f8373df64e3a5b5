// Package card reads the card in one reader, and judges what kind of card answered and whether it could be read.
package card

import (
	"context"
	"errors"
	"fmt"
	"time"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/smartcard/apdu"
	"etax-doctor/checks/smartcard/jpki"
	"etax-doctor/checks/smartcard/pcsc"
)

// waitForOthers is how long another program's transaction is waited for, in SCardConnect and again in
// SCardBeginTransaction. A signature on a contactless card takes one or two seconds.
const waitForOthers = 2500 * time.Millisecond

// removalSettle is how long PC/SC may take to see that a card is gone; pcscd looks every 0.4 s.
const removalSettle = 600 * time.Millisecond

// Options says how to read.
type Options struct {
	// Deep reads and checks the CA certificate on the card too.
	Deep bool
	// Unasked says that nobody has pressed a button for this look: a card that another program is connected to, which
	// would find another application selected, is then not opened.
	Unasked bool
	// ExtendedLength remembers, under the name Model, readers that do not take extended length; nil forgets.
	ExtendedLength *ExtendedLengthCache
	Model          string
}

// Probe reads the card in the named reader, which PC/SC says holds one. It uses shared mode and one transaction, and
// gives the card back whatever happens: with no EF selected, with no counter changed, and without a reset, but for
// the one case where that would be worse. ctx bounds the whole reading but for that.
func Probe(ctx context.Context, system pcsc.System, reader string, state pcsc.State, options Options) *facts.Card {
	c := probe(ctx, system, reader, state, options)
	kind := kindOf(state.ATR)
	switch {
	case c.Outcome == facts.CardNotMyNumber && c.Kind == facts.KindUnknown:
		c.Kind = kind
	case c.Outcome == facts.CardUnreadable && c.Token == "" && kind != facts.KindUnknown:
		// Some readers fail to talk to a storage card at all, but say what it is.
		c.Outcome, c.Kind = facts.CardNotMyNumber, kind
	}
	return c
}

func probe(ctx context.Context, system pcsc.System, reader string, state pcsc.State, options Options) *facts.Card {
	switch {
	case state.Flags.Has(pcsc.StateExclusive):
		return &facts.Card{Outcome: facts.CardHeldExclusive}
	case state.Flags.Has(pcsc.StateMute):
		return &facts.Card{Outcome: facts.CardMute}
	}
	// A context of its own: a blocked SCardConnect blocks everything else on the same context.
	pc, err := system.Establish(ctx)
	if err != nil {
		return failed(err)
	}
	defer pc.Release()
	if options.Unasked && inUseOf(ctx, pc, reader) { // now: this program may have waited for its turn since state
		return &facts.Card{Outcome: facts.CardLeftAlone}
	}

	a := &attempts{pc: pc, reader: reader}
	if err := a.connect(ctx); err != nil {
		if errors.Is(err, context.DeadlineExceeded) && inUse(ctx, system, reader) {
			return &facts.Card{Outcome: facts.CardHeldByOther}
		}
		return failed(err)
	}
	defer a.close()
	card := a.run(ctx, jpki.Options{Deep: options.Deep, Extended: !options.ExtendedLength.has(options.Model)})
	card.APDUs = a.sent()
	if card.Extended == facts.ExtendedRefused || card.Extended == facts.ExtendedFailed {
		options.ExtendedLength.add(options.Model)
	}
	return card
}

// attempts reads a card, a second time after a reset by another program or a communication error.
type attempts struct {
	pc      pcsc.Context
	reader  string
	conn    pcsc.Card // nil when it was given back
	gate    *apdu.Gate
	earlier int // APDUs over connections before this one
	// leave says how the card is given back. Only one that does not answer while a PIN's EF may be the current one is
	// reset: a program that waits for its turn to send a PIN then learns that it has to start anew, and would otherwise
	// lose a try.
	leave pcsc.Disposition
}

// connect tries again once: a card that was just put on is looked at by the system itself first.
func (a *attempts) connect(ctx context.Context) error {
	conn, err := a.connectOnce(ctx)
	if err != nil && failed(err).Outcome == facts.CardUnreadable && !errors.Is(err, context.DeadlineExceeded) {
		settle := time.NewTimer(removalSettle)
		defer settle.Stop()
		select {
		case <-settle.C:
		case <-ctx.Done():
			return err
		}
		conn, err = a.connectOnce(ctx)
	}
	if err != nil {
		return err
	}
	a.earlier = a.sent()
	a.conn, a.gate = conn, apdu.NewGate(conn)
	return nil
}

func (a *attempts) connectOnce(ctx context.Context) (pcsc.Card, error) {
	waiting, cancel := context.WithTimeout(ctx, waitForOthers)
	defer cancel()
	return a.pc.Connect(waiting, a.reader)
}

func (a *attempts) sent() int {
	if a.gate == nil {
		return a.earlier
	}
	return a.earlier + a.gate.Sent()
}

func (a *attempts) run(ctx context.Context, options jpki.Options) *facts.Card {
	card, err := a.once(ctx, options)
	if err == nil {
		return card
	}
	choked := card.Extended == facts.ExtendedUnclear
	final := failed(err)
	final.Extended = card.Extended
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		if choked && ctx.Err() == nil {
			final.Extended = facts.ExtendedFailed // it still has the card, but the next check spares it
		}
		return final
	case pcsc.CodeOf(err) == pcsc.CodeResetCard:
	case final.Outcome != facts.CardUnreadable && !choked:
		return final
	default:
		if gone := a.gone(ctx); gone != "" {
			final.Outcome = gone
			return final
		}
	}
	if err := a.again(ctx, choked); err != nil {
		return failed(err)
	}
	options.Extended = options.Extended && !choked
	second, err := a.once(ctx, options)
	if err != nil {
		second = failed(err)
		second.Extended = final.Extended
	} else if choked {
		second.Extended = facts.ExtendedFailed
	}
	return second
}

// again takes the card up once more. After an extended command the connection itself may be beyond repair.
func (a *attempts) again(ctx context.Context, anew bool) error {
	if anew {
		a.close()
		a.leave = pcsc.LeaveCard
		return a.connect(ctx)
	}
	a.gate.Forget()
	how := a.leave
	a.leave = pcsc.LeaveCard
	return a.conn.Reconnect(ctx, how)
}

// close gives the card back, once.
func (a *attempts) close() {
	if a.conn != nil {
		a.conn.Close(a.leave)
		a.conn = nil
	}
}

// once returns facts even with an error: those read so far.
func (a *attempts) once(ctx context.Context, options jpki.Options) (*facts.Card, error) {
	waiting, cancel := context.WithTimeout(ctx, waitForOthers)
	defer cancel()
	if err := a.conn.Begin(waiting); err != nil {
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return &facts.Card{Outcome: facts.CardHeldByOther}, nil
		}
		return &facts.Card{}, err
	}
	card, err := jpki.Read(ctx, a.gate, options)
	a.leave = pcsc.Disposition(errors.As(err, new(*jpki.StuckError)))
	return card, err
}

// gone gives PC/SC the time to notice that the card or the reader is not there any more: at first, a card that is
// taken off only looks like one that does not answer.
func (a *attempts) gone(ctx context.Context) facts.CardOutcome {
	readers := []string{a.reader}
	states, err := a.pc.States(ctx, readers)
	if err == nil && states[0].Flags.Has(pcsc.StatePresent) {
		states, err = a.pc.Wait(ctx, readers, states, removalSettle)
	}
	switch {
	case err != nil:
		return ""
	case states[0].Flags.Has(pcsc.StateEmpty):
		return facts.CardRemoved
	case states[0].Flags.Has(pcsc.StateUnavailable) || states[0].Flags.Has(pcsc.StateUnknown):
		return facts.ReaderGone
	}
	return ""
}

// failed names what a broken way to the card means.
func failed(err error) *facts.Card {
	c := &facts.Card{Outcome: facts.CardUnreadable, Reason: reason(err)}
	switch pcsc.CodeOf(err) {
	case pcsc.CodeSharingViolation:
		c.Outcome = facts.CardHeldExclusive
	case pcsc.CodeRemovedCard, pcsc.CodeNoSmartcard:
		c.Outcome = facts.CardRemoved
	case pcsc.CodeUnresponsiveCard, pcsc.CodeUnpoweredCard:
		c.Outcome = facts.CardMute
	case pcsc.CodeReaderUnavailable, pcsc.CodeUnknownReader, pcsc.CodeNoService, pcsc.CodeServiceStopped,
		pcsc.CodeInvalidHandle, pcsc.CodeBrokenPipe:
		// A service that goes away under a reading goes with its last reader, at least on Windows.
		c.Outcome = facts.ReaderGone
	case pcsc.CodeUnsupportedCard:
		c.Outcome, c.Kind = facts.CardNotMyNumber, facts.KindUnknown
	}
	return c
}

// reason is technical and holds nothing of the card's content.
func reason(err error) string {
	var (
		pe *pcsc.Error
		de *pcsc.DeadlineError
		se *apdu.ShortReplyError
		cr *pcsc.PanicError
	)
	switch {
	case errors.As(err, &pe):
		return fmt.Sprintf("%s %08X", pe.Call, uint32(pe.Code))
	case errors.As(err, &de):
		return "timed-out:" + de.Call
	case errors.As(err, &se):
		return fmt.Sprintf("reply of %d bytes", se.Length)
	case errors.As(err, &cr):
		return "crashed:" + cr.Call
	}
	return "failed"
}

// inUse asks for the state again, on a context that is not blocked.
func inUse(ctx context.Context, system pcsc.System, reader string) bool {
	pc, err := system.Establish(ctx)
	if err != nil {
		return false
	}
	defer pc.Release()
	return inUseOf(ctx, pc, reader)
}

func inUseOf(ctx context.Context, pc pcsc.Context, reader string) bool {
	states, err := pc.States(ctx, []string{reader})
	return err == nil && states[0].Flags.Has(pcsc.StateInUse)
}
