// Package apdu is the only path from etax-doctor to a card. A [Transmitter] accepts only a [Command], only a [Gate] can
// make a Command, and the Gate makes one only for the short list of reads that can never cost a PIN try. It refuses
// every other command before it reaches the reader.
package apdu

import (
	"bytes"
	"context"
	"fmt"
)

// EF is the two-byte identifier of an elementary file of the JPKI application.
type EF uint16

// The files the product may touch. EF 0001 (the signing certificate) is missing on purpose.
const (
	EFToken        EF = 0x0006
	EFAvailability EF = 0x0008
	EFLoginCert    EF = 0x000A
	EFLoginCACert  EF = 0x000B
	EFLoginPIN     EF = 0x0018
	EFSigningPIN   EF = 0x001B
)

func (ef EF) readable() bool {
	return ef == EFToken || ef == EFAvailability || ef == EFLoginCert || ef == EFLoginCACert
}

func (ef EF) pin() bool { return ef == EFLoginPIN || ef == EFSigningPIN }

// Key is P2 of a VERIFY that asks for a PIN's retry counter.
type Key byte

// The two PINs by their key references, and the PIN whose EF the previous command selected.
const (
	KeyLogin   Key = 0x98
	KeySigning Key = 0x9B
	KeyCurrent Key = 0x80
)

// selectJPKI selects the JPKI application (AID D392F000260100000001), the only application ever selected. It is a
// string because a string cannot be changed.
const selectJPKI = "\x00\xA4\x04\x0C\x0A\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01"

// The largest values of le for [Gate.ReadBinary]: with a one-byte Le, and with an extended Le, which not every reader
// or card accepts. ReadBinary accepts 1 to ShortLe, or ExtendedLe.
const (
	ShortLe    = 256
	ExtendedLe = 65536
)

const (
	maxRounds = 64     // GET RESPONSE and wrong-Le rounds for one command; a card that asks for more is broken
	maxOffset = 0x7FFF // of READ BINARY; the bit above it announces a short identifier
)

// Command is an APDU that a Gate has approved.
type Command struct{ raw string }

// Bytes returns a copy of the command as it goes to the reader.
func (c Command) Bytes() []byte { return []byte(c.raw) }

// Transmitter sends one approved command and returns the card's reply: data and the two status bytes.
type Transmitter interface {
	Transmit(ctx context.Context, cmd Command) ([]byte, error)
}

// RefusedError says that the Gate stopped a command. Only the header is kept: a body could hold a secret.
type RefusedError struct{ Header []byte }

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the APDU gate refused a command that is not on the allow-list: % X", e.Header)
}

// ShortReplyError says that a reply was too short to hold a status word. A card pulled out mid-read can look
// like this, with no error from PC/SC at all.
type ShortReplyError struct{ Length int }

func (e *ShortReplyError) Error() string {
	return fmt.Sprintf("the card's reply has %d bytes and no status word", e.Length)
}

// Gate holds the allow-list and what it needs to know about the card's state to apply it.
type Gate struct {
	card     Transmitter
	selected bool // the JPKI application answered 9000 to our SELECT
	current  EF   // the current EF, 0 when unknown
	justPIN  bool // the last command selected a PIN file
	more     bool // the last status word was 61xx, or 6Cxx in answer to GET RESPONSE
	sent     int
}

// NewGate returns a gate that knows nothing about the card's state yet.
func NewGate(card Transmitter) *Gate { return &Gate{card: card} }

// Forget drops all knowledge of the card's state. Call it after every reset, reconnect and transaction start.
func (g *Gate) Forget() { g.selected, g.current, g.justPIN, g.more = false, 0, false, false }

// Current returns the current EF, or 0 if there is none or it is not known.
func (g *Gate) Current() EF { return g.current }

// Sent is the number of APDUs that went to the card.
func (g *Gate) Sent() int { return g.sent }

// SelectApplication selects the JPKI application. After it, there is no current EF.
func (g *Gate) SelectApplication(ctx context.Context) (Response, error) {
	return g.send(ctx, []byte(selectJPKI))
}

// SelectEF makes ef the current EF.
func (g *Gate) SelectEF(ctx context.Context, ef EF) (Response, error) {
	return g.send(ctx, []byte{0x00, 0xA4, 0x02, 0x0C, 0x02, byte(ef >> 8), byte(ef)})
}

// ReadBinary reads up to le bytes of ef from offset. If ef is not the current EF, it reads by short identifier, which
// makes ef the current EF and works at offset 0 only. [ExtendedLe] always reads by short identifier.
func (g *Gate) ReadBinary(ctx context.Context, ef EF, offset, le int) (Response, error) {
	short := []byte{0x00, 0xB0, 0x80 | byte(ef), 0x00, byte(le)}
	switch {
	case ef > 0x1F || offset < 0 || offset > maxOffset || (le != ExtendedLe && (le < 1 || le > ShortLe)):
		return Response{}, &RefusedError{Header: short[:2]}
	case le == ExtendedLe && offset == 0:
		return g.send(ctx, append(short[:4], 0x00, 0x00, 0x00))
	case le <= ShortLe && g.current == ef:
		return g.send(ctx, []byte{0x00, 0xB0, byte(offset >> 8), byte(offset), byte(le)})
	case le <= ShortLe && offset == 0:
		return g.send(ctx, short)
	}
	return Response{}, &RefusedError{Header: short[:2]}
}

// RetryCounter asks for a PIN's retry counter with a VERIFY that has no body and so cannot cost a try.
func (g *Gate) RetryCounter(ctx context.Context, key Key) (Response, error) {
	return g.send(ctx, []byte{0x00, 0x20, 0x00, byte(key)})
}

// send sends raw if it is on the allow-list. It follows 61xx with GET RESPONSE and repeats once per 6Cxx with
// the length the card asks for, so the caller sees only final status words.
func (g *Gate) send(ctx context.Context, raw []byte) (Response, error) {
	var data []byte
	for range maxRounds {
		reply, err := g.once(ctx, raw)
		if err != nil {
			return Response{}, err
		}
		data = append(data, reply.Data...)
		switch reply.SW.SW1() {
		case 0x61:
			raw = []byte{0x00, 0xC0, 0x00, 0x00, reply.SW.SW2()}
		case 0x6C:
			if len(raw) != 5 || raw[4] == reply.SW.SW2() {
				return Response{Data: data, SW: reply.SW}, nil
			}
			raw = append(bytes.Clone(raw[:4]), reply.SW.SW2())
		default:
			return Response{Data: data, SW: reply.SW}, nil
		}
	}
	return Response{Data: data, SW: 0x6100}, nil
}

func (g *Gate) once(ctx context.Context, raw []byte) (Response, error) {
	if !g.allowed(raw) {
		return Response{}, &RefusedError{Header: bytes.Clone(raw[:min(4, len(raw))])}
	}
	g.sent++
	reply, err := g.card.Transmit(ctx, Command{raw: string(raw)})
	if err != nil {
		g.Forget()
		return Response{}, err
	}
	if len(reply) < 2 {
		g.Forget()
		return Response{}, &ShortReplyError{Length: len(reply)}
	}
	n := len(reply) - 2
	r := Response{Data: reply[:n], SW: SW(reply[n])<<8 | SW(reply[n+1])}
	g.note(raw, r.SW)
	return r, nil
}

// allowed is the allow-list. Everything it does not name is refused.
func (g *Gate) allowed(raw []byte) bool {
	if string(raw) == selectJPKI {
		return true
	}
	if !g.selected || len(raw) < 4 || raw[0] != 0x00 {
		return false
	}
	p1, p2 := raw[2], raw[3]
	switch raw[1] {
	case 0xA4:
		if len(raw) != 7 || p1 != 0x02 || p2 != 0x0C || raw[4] != 0x02 {
			return false
		}
		ef := EF(raw[5])<<8 | EF(raw[6])
		return ef.readable() || ef.pin()
	case 0xB0:
		if p1 <= 0x7F {
			return len(raw) == 5 && g.current.readable()
		}
		short := len(raw) == 5
		extended := len(raw) == 7 && raw[4] == 0 && raw[5] == 0 && raw[6] == 0
		return p2 == 0x00 && (short || extended) && p1&0x60 == 0 && EF(p1&0x1F).readable()
	case 0x20:
		// Exactly the four header bytes: no Lc, no body, nothing a card could take for a PIN.
		if len(raw) != 4 || p1 != 0x00 {
			return false
		}
		return p2 == 0x98 || p2 == 0x9B || (p2 == 0x80 && g.justPIN)
	case 0xC0:
		return len(raw) == 5 && p1 == 0x00 && p2 == 0x00 && g.more
	}
	return false
}

func (g *Gate) note(raw []byte, sw SW) {
	// After 6Cxx, the card has sent nothing yet, and xx is the Le to ask again with.
	g.more = sw.SW1() == 0x61 || (g.more && raw[1] == 0xC0 && sw.SW1() == 0x6C)
	ok := sw.HasData() || sw.SW1() == 0x61
	g.justPIN = false
	switch raw[1] {
	case 0xA4:
		g.current = 0
		if raw[2] == 0x04 {
			g.selected = ok
			return
		}
		if ok {
			g.current = EF(raw[5])<<8 | EF(raw[6])
			g.justPIN = g.current.pin()
		}
	case 0xB0:
		if raw[2] > 0x7F {
			g.current = 0
			if ok {
				g.current = EF(raw[2] & 0x1F)
			}
		}
	}
}
