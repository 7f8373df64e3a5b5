// Package jpki reads what a diagnosis needs from the JPKI application of a My Number card: the token label, which
// certificates it carries, both PIN counters, and the login certificate reduced to facts. It knows nothing of PC/SC,
// sends no PIN, and sends every command through the gate of package apdu.
package jpki

import (
	"cmp"
	"context"
	"errors"
	"time"

	"etax-doctor/checks/facts"
	"etax-doctor/checks/smartcard/apdu"
)

const maxCertificate = 8 << 10 // bytes; a JPKI certificate has about 1.6 KB, so anything larger is none

// LeaveDeadline is the longest time that Read takes to leave the card after its context has ended.
const LeaveDeadline = 500 * time.Millisecond

const leavePause = 10 * time.Millisecond

// Options says how to read.
type Options struct {
	// Extended tries to read each certificate with one extended-length command. Not every reader accepts it.
	Extended bool
	// Deep reads the CA certificate on the card too and checks the login certificate against it.
	Deep bool
}

type reader struct {
	gate        *apdu.Gate
	extended    bool // still worth trying
	needsSelect bool // the card needs SELECT where other cards accept a short identifier
	onPIN       bool // a PIN's EF may be the current one
	card        *facts.Card
}

// errCannotLeave means that the card answers but refuses to select its own application.
var errCannotLeave = errors.New("the card does not leave a PIN's EF")

// StuckError says that a PIN's EF may still be the current EF, because the link broke or the card refused to leave it.
// The next program that sends a PIN to the current EF may send it to the wrong one.
type StuckError struct{ err error }

func (e *StuckError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *StuckError) Unwrap() error { return e.err }

// Read reads a card whose state is unknown. It returns an error only if the connection broke (card removed, reset,
// driver error) or as a [StuckError]; every answer of the card itself, even a strange one, is a fact. With an error, it
// also returns the facts read so far.
//
// However Read ends, also if ctx ends, there is no current EF afterwards. A program that selected its PIN's EF before
// Read, and now sends that PIN to the current EF, must never send it to the other PIN's EF.
//
// A My Number card that accepts the short forms is read with 13 APDUs, and with 7 where extended length works.
func Read(ctx context.Context, gate *apdu.Gate, options Options) (card *facts.Card, err error) {
	r := &reader{gate: gate, extended: options.Extended, card: &facts.Card{Outcome: facts.CardUnreadable}}
	card = r.card
	start := gate.Sent()
	defer func() { card.APDUs = gate.Sent() - start }()

	if ctx.Err() != nil {
		return card, ctx.Err() // nothing was sent, so there is nothing to leave
	}
	sw, err := r.selectApplication(ctx)
	if err != nil || sw == apdu.SWOK {
		defer func() {
			if !r.leave(ctx) && r.onPIN {
				err = &StuckError{cmp.Or(err, errCannotLeave)}
			}
		}()
	}
	if err != nil {
		return card, err
	}
	if sw != apdu.SWOK {
		card.Reason = "select:" + sw.String()
		if notMyNumber(sw) {
			card.Outcome, card.Kind = facts.CardNotMyNumber, facts.KindUnknown
		}
		return card, nil
	}
	label, _, err := r.readHead(ctx, apdu.EFToken, labelLength)
	if err != nil {
		return card, err
	}
	card.Token = parseToken(label)
	switch card.Token {
	case facts.TokenResidentRegister:
		card.Outcome, card.Kind = facts.CardNotMyNumber, facts.KindResidentRegister
		return card, nil
	case facts.TokenAndroid, facts.TokenIPhone:
		card.Outcome = facts.CardPhone // its certificate cannot be read without a PIN
		return card, nil
	case facts.TokenOther:
		card.Outcome = facts.CardUnknownToken
		return card, nil
	}
	if err := r.readContents(ctx, card, options.Deep); err != nil {
		return card, err
	}
	card.Outcome = facts.CardRead
	return card, nil
}

func (r *reader) readContents(ctx context.Context, card *facts.Card, deep bool) error {
	data, _, err := r.readHead(ctx, apdu.EFAvailability, apdu.ShortLe)
	if err != nil {
		return err
	}
	card.Availability = parseAvailability(data)
	if card.LoginPIN, err = r.counter(ctx, apdu.KeyLogin, apdu.EFLoginPIN); err != nil {
		return err
	}
	if card.SigningPIN, err = r.counter(ctx, apdu.KeySigning, apdu.EFSigningPIN); err != nil {
		return err
	}
	der, broken, err := r.certificate(ctx, apdu.EFLoginCert)
	if err != nil {
		return err
	}
	if broken != nil {
		// Only one source describes EF 0008, so it decides only if no certificate could be read.
		if card.Availability != nil && !card.Availability.Login {
			broken = &facts.Certificate{State: facts.CertificateMissing}
		}
		card.Certificate = broken
		return nil
	}
	card.Certificate = reduce(der)
	if !deep || card.Certificate.State != facts.CertificateRead {
		return nil
	}
	ca, broken, err := r.certificate(ctx, apdu.EFLoginCACert)
	switch {
	case err != nil:
		return err
	case broken != nil:
		card.Certificate.Chain = &facts.Chain{CAUnread: true}
	default:
		card.Certificate.Chain = checkChain(der, ca)
	}
	return nil
}

// selectApplication retries once after 6F00, which one surveyed card gives to the first command after power-up.
func (r *reader) selectApplication(ctx context.Context) (apdu.SW, error) {
	reply, err := r.gate.SelectApplication(ctx)
	if err == nil && reply.SW == apdu.SWNoPreciseError {
		reply, err = r.gate.SelectApplication(ctx)
	}
	return reply.SW, err
}

// leave selects the application, so that there is no current EF. It runs also after ctx has ended, because the card
// must not be given back without it. It tries twice, because one command may be lost. A card that answers neither was
// almost always reset or removed and has no selection any more. If a PIN's EF may be the current EF, that is not
// certain enough, and leave tries until LeaveDeadline.
func (r *reader) leave(ctx context.Context) (left bool) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), LeaveDeadline)
	defer cancel()
	for tries := 1; ; tries++ {
		sw, err := r.selectApplication(ctx)
		left = err == nil && sw == apdu.SWOK
		if left || (tries > 1 && !r.onPIN) {
			return left
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(leavePause):
		}
	}
}

// notMyNumber lists the answers of cards without the JPKI application to its SELECT: JICSAP cards give 6A82, others the
// status word that they give to an unknown command.
func notMyNumber(sw apdu.SW) bool {
	switch sw {
	case apdu.SWNotFound, 0x6A81, 0x6A86, 0x6D00, 0x6E00, 0x6999, 0x6981, 0x6700, 0x6800:
		return true
	}
	return false
}

// parseAvailability reads EF 0008: byte 0 for the signing, byte 1 for the login certificate, 8F when present.
// Only one source describes the file, so any other length than three bytes counts as "not known".
func parseAvailability(data []byte) *facts.Availability {
	const present = 0x8F
	if len(data) != 3 {
		return nil
	}
	return &facts.Availability{Signing: data[0] == present, Login: data[1] == present}
}

func (r *reader) selectEF(ctx context.Context, ef apdu.EF) (apdu.SW, error) {
	reply, err := r.gate.SelectEF(ctx, ef)
	return reply.SW, err
}

// readHead reads up to le bytes from the start of a file: by its short identifier, or with SELECT and READ where the
// card refuses that form. A file that cannot be read gives no data and the card's last status word.
func (r *reader) readHead(ctx context.Context, ef apdu.EF, le int) ([]byte, apdu.SW, error) {
	if !r.needsSelect || r.gate.Current() == ef {
		reply, err := r.gate.ReadBinary(ctx, ef, 0, le)
		if err != nil || reply.SW.HasData() {
			return reply.Data, reply.SW, err
		}
	}
	sw, err := r.selectEF(ctx, ef)
	if err != nil || sw != apdu.SWOK {
		return nil, sw, err
	}
	reply, err := r.gate.ReadBinary(ctx, ef, 0, le)
	if err != nil || !reply.SW.HasData() {
		return nil, reply.SW, err
	}
	r.needsSelect = true
	return reply.Data, reply.SW, nil
}

// certificate reads a certificate's file up to the length in the DER header: in one piece where extended length works,
// else in pieces of 256 bytes. broken says why no certificate could be read.
func (r *reader) certificate(ctx context.Context, ef apdu.EF) (der []byte, broken *facts.Certificate, err error) {
	der, sw, err := r.certificateHead(ctx, ef)
	if err != nil {
		return nil, nil, err
	}
	if sw == apdu.SWNotFound {
		return nil, &facts.Certificate{State: facts.CertificateMissing}, nil
	}
	if len(der) == 0 {
		return nil, unreadable("no-data:" + sw.String()), nil
	}
	total, ok := derLength(der)
	if !ok || total > maxCertificate {
		return nil, unreadable("not-der"), nil
	}
	for selected := false; len(der) < total; {
		reply, err := r.gate.ReadBinary(ctx, ef, len(der), min(total-len(der), apdu.ShortLe))
		if err != nil {
			return nil, nil, err
		}
		if !reply.SW.HasData() && !selected {
			// Few sources attest that a read by short identifier makes the file the current one.
			selected, r.needsSelect = true, true
			if sw, err := r.selectEF(ctx, ef); err != nil {
				return nil, nil, err
			} else if sw == apdu.SWOK {
				continue
			}
		}
		if !reply.SW.HasData() || len(reply.Data) == 0 {
			return nil, unreadable("truncated:" + reply.SW.String()), nil
		}
		der = append(der, reply.Data...)
	}
	return der[:total], nil, nil
}

func unreadable(reason string) *facts.Certificate {
	return &facts.Certificate{State: facts.CertificateUnreadable, Reason: reason}
}

// extendedTimeout is the time limit for an extended-length command. A reader that needs longer cannot handle it.
const extendedTimeout = 1500 * time.Millisecond

// certificateHead reads as much as one command returns. After a refusal, extended length is not tried again. If the
// command breaks the connection, Extended in the facts that are returned with the error says so.
func (r *reader) certificateHead(ctx context.Context, ef apdu.EF) ([]byte, apdu.SW, error) {
	if r.extended && !r.needsSelect {
		r.card.Extended = facts.ExtendedUnclear
		bounded, cancel := context.WithTimeout(ctx, extendedTimeout)
		defer cancel()
		reply, err := r.gate.ReadBinary(bounded, ef, 0, apdu.ExtendedLe)
		if err != nil {
			return nil, 0, err
		}
		r.card.Extended = facts.ExtendedRefused
		if reply.SW.HasData() && len(reply.Data) > 0 {
			r.card.Extended = facts.ExtendedUsed
			return reply.Data, reply.SW, nil
		}
		r.extended = false
	}
	return r.readHead(ctx, ef, apdu.ShortLe)
}
