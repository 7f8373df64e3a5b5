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

// transactionTimeout limits the wait for another program's transaction, in SCardConnect and again in SCardBeginTransaction.
// A signature on a contactless card takes one or two seconds.
const transactionTimeout = 2500 * time.Millisecond

// removalSettle is how long PC/SC may need to notice that a card is gone; pcscd polls every 0.4 s.
const removalSettle = 600 * time.Millisecond

// Options says how to read.
type Options struct {
	// Deep reads and checks the CA certificate on the card too.
	Deep bool
	// Unasked is true if no person pressed a button for this check. A card that another program is connected to is then
	// not opened, because reading it changes the selected application.
	Unasked bool
	// ExtendedLength remembers, under the name Model, that the reader does not accept extended length. It may be nil.
	ExtendedLength *ExtendedLengthCache
	Model          string
}

// Probe reads the card in the named reader, for which PC/SC reports a card. It uses shared mode and one transaction. It
// always gives the card back: with no EF selected, no counter changed and no reset, except in the one case that
// attempts.leave describes. ctx limits the whole reading, but not the giving back.
func Probe(ctx context.Context, system pcsc.System, reader string, state pcsc.State, options Options) *facts.Card {
	c := probe(ctx, system, reader, state, options)
	kind := kindOf(state.ATR)
	switch {
	case c.Outcome == facts.CardNotMyNumber && c.Kind == facts.KindUnknown:
		c.Kind = kind
	case c.Outcome == facts.CardUnreadable && c.Token == "" && kind != facts.KindUnknown:
		// Some readers cannot communicate with a storage card, but report its ATR.
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
	// Each card has its own context: a blocked SCardConnect blocks every other call on the same context.
	pc, err := system.Establish(ctx)
	if err != nil {
		return failed(err)
	}
	defer pc.Release()
	if options.Unasked && inUseOf(ctx, pc, reader) { // asked again: state may be old, after a wait for the turn
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

// attempts reads a card. After a communication error, it reads it a second time; after a reset by another program, again.
type attempts struct {
	pc      pcsc.Context
	reader  string
	conn    pcsc.Card // nil after it was given back
	gate    *apdu.Gate
	earlier int // APDUs sent over earlier connections
	// leave says how the card is given back. A card is reset only if it stops answering while a PIN's EF may be the
	// current EF. A program that is waiting to send a PIN then gets an error and starts again; without the reset, it
	// could send its PIN to the wrong EF and lose a try.
	leave pcsc.Disposition
}

// connect tries again once: when a card has just been put on, the operating system itself reads it first.
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
	waiting, cancel := context.WithTimeout(ctx, transactionTimeout)
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
	card, err := a.readOnce(ctx, options)
	if err == nil && doubtful(card) {
		first := card
		card, err = a.readAgain(ctx, options, false)
		late := errors.Is(err, context.DeadlineExceeded) && card.Extended != facts.ExtendedUnclear
		if late || err == nil && card.Outcome == facts.CardHeldByOther {
			first.Extended = "" // only what is certain is remembered of a reader
			return first
		}
	}
	if err == nil {
		return card
	}
	choked := card.Extended == facts.ExtendedUnclear
	final := failed(err)
	final.Extended = card.Extended
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		if choked && ctx.Err() == nil {
			final.Extended = facts.ExtendedFailed // the hung command still holds the card; the next check does not use it
		}
		return final
	case pcsc.CodeOf(err) == pcsc.CodeResetCard:
	case final.Outcome != facts.CardUnreadable && !choked:
		return final
	default:
		if gone := a.removal(ctx); gone != "" {
			final.Outcome = gone
			return final
		}
	}
	options.Extended = options.Extended && !choked
	second, err := a.readAgain(ctx, options, choked)
	if err != nil {
		second = failed(err)
		second.Extended = final.Extended
	} else if choked {
		second.Extended = facts.ExtendedFailed
	}
	return second
}

// mostResets is how many further resets by another program are survived. On a busy computer, one may come each time
// before our transaction begins.
const mostResets = 10

// readAgain reads the card once more, over the same connection or a new one, and again after each reset.
func (a *attempts) readAgain(ctx context.Context, options jpki.Options, anew bool) (card *facts.Card, err error) {
	card = &facts.Card{}
	for range 1 + mostResets {
		if err = a.reconnect(ctx, anew); err == nil {
			card, err = a.readOnce(ctx, options)
		}
		if pcsc.CodeOf(err) != pcsc.CodeResetCard || ctx.Err() != nil {
			break
		}
	}
	return card, err
}

// doubtful reports whether another program may have reset the card during the reading. If it has asked for the reset just
// before our transaction began, pcscd does it all the same, and tells us only afterwards: the card has lost its selection by
// then, and has answered what no card with the application selected answers, or what it may answer to a PIN that is locked:
// no source says what a real card without the application gives to an empty VERIFY.
func doubtful(c *facts.Card) bool {
	strange := func(p *facts.Counter) bool {
		return p != nil && (p.State == facts.CounterUnknown || p.SW == apdu.SWBlocked.String() || p.SW == apdu.SWReferenceLock.String())
	}
	if c.Outcome == facts.CardUnknownToken || strange(c.LoginPIN) || strange(c.SigningPIN) {
		return true
	}
	withoutLogin := c.Availability != nil && !c.Availability.Login
	switch cert := c.Certificate; {
	case cert == nil, cert.State == facts.CertificateMissing && withoutLogin:
		return false
	default:
		return cert.State != facts.CertificateRead || cert.Chain != nil && cert.Chain.CAUnread
	}
}

// reconnect reconnects to the card. After a failed extended-length command (anew), it opens a new connection, because the
// old one may not work any more.
func (a *attempts) reconnect(ctx context.Context, anew bool) error {
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

// readOnce returns the facts read so far, also with an error.
func (a *attempts) readOnce(ctx context.Context, options jpki.Options) (*facts.Card, error) {
	waiting, cancel := context.WithTimeout(ctx, transactionTimeout)
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

// removal gives PC/SC time to notice that the card or the reader is gone: at first, a removed card looks like a card that
// does not answer. It returns "" if neither is gone.
func (a *attempts) removal(ctx context.Context) facts.CardOutcome {
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

// failed turns an error of the connection into an outcome.
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
		// If the service stops during a reading, its last reader was unplugged, at least on Windows.
		c.Outcome = facts.ReaderGone
	case pcsc.CodeUnsupportedCard:
		c.Outcome, c.Kind = facts.CardNotMyNumber, facts.KindUnknown
	}
	return c
}

// reason returns a technical reason; it contains nothing from the card.
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

// inUse asks for the reader's state on a new context, because the old one may be blocked.
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
